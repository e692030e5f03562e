// What Streamlit mounts: the desk lives on its root element and outlasts every run of the page.

import { Desk } from "./desk.js";
import { fill } from "./dom.js";
import { catalogue, style } from "./resources.js";
import { Shelf } from "./shelf.js";
import { translator } from "./strings.js";

/** Called by Streamlit at the first run and whenever the data has changed, a new token say. */
export default async function mount({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".desk");
  root.coannotate ??= start(root, data, setTriggerValue);
  const desk = await root.coannotate;
  desk.current.update(data);
  // Streamlit also calls this for a run that a newer one has overtaken: only a root that is gone counts
  return () => setTimeout(() => !root.isConnected && desk.current.destroy(), 0);
}

async function start(root, data, trigger, holder = { current: null }) {
  const chosen = new Shelf("coannotate/settings/").get("language");
  const language = chosen in data.languages ? chosen : data.language;
  const renew = () => trigger("renew", Date.now());
  const [makers, strings] = await Promise.all([widgets(data.types), catalogue(language), style(data.style)]);
  const restart = async () => {
    holder.current.destroy();
    await start(root, data, trigger, holder);
  };
  root.lang = language;
  const settings = { ...data, language, restart, api: new URL(data.api, document.baseURI).href };
  fill(root);
  holder.current = new Desk(root, settings, makers, translator(strings, language), { renew });
  return holder;
}

async function widgets(types) {
  const modules = await Promise.all(types.map((type) => import(`./widgets/${type}.js`)));
  return new Map(types.map((type, at) => [type, modules[at].make]));
}
