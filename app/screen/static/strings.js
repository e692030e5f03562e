// The words of the interface: one catalogue, one file per language.

/**
 * t(key, vars): the text of a key, with `{name}` filled in. With `count` among the vars, the plural
 * form of the language is taken: `key.one`, `key.other`. An unknown key is shown as it is.
 */
export function translator(strings, language) {
  const plural = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return function t(key, vars = {}) {
    const forms = vars.count === undefined ? [key] : [`${key}.${plural.select(vars.count)}`, `${key}.other`, key];
    const text = strings[forms.find((form) => form in strings)] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = vars[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? numbers.format(value) : String(value);
    });
  };
}

const FORMATS = new Map(); // making one takes longer than using it a hundred times

/** A stored time as people here read it: the time alone when it is of today. */
export function moment(iso, language) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const today = new Date().toDateString() === at.toDateString();
  const name = `${language} ${today}`;
  const form = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  if (!FORMATS.has(name)) FORMATS.set(name, new Intl.DateTimeFormat(language, form));
  return FORMATS.get(name).format(at);
}
