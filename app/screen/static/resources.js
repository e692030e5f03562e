// What is fetched before anything is drawn: the words and the style sheets.

/** The words of a language, as JSON. */
export async function catalogue(language) {
  const response = await fetch(new URL(`./strings/${language}.json`, import.meta.url));
  return response.json();
}

/** The style sheets stand before anything is drawn, so that nothing jumps. */
export async function style(names) {
  const links = names.map((name) => {
    const href = new URL(`./${name}`, import.meta.url).href;
    const known = document.head.querySelector(`link[href="${href}"]`);
    if (known) return Promise.resolve();
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    const loaded = new Promise((done) => link.addEventListener("load", done, { once: true }));
    document.head.append(link);
    return loaded;
  });
  await Promise.all(links);
}
