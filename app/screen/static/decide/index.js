// What Streamlit mounts for a lead: the case desk lives on its root element, as the labelling desk does.

import { catalogue, style } from "../resources.js";
import { translator } from "../strings.js";
import { Court } from "./court.js";

/** Called by Streamlit at the first run and whenever the data has changed, a new token say. */
export default async function mount({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".desk");
  root.coannotate ??= start(root, data, setTriggerValue);
  const court = await root.coannotate;
  court.update(data);
  // Streamlit also calls this for a run that a newer one has overtaken: only a root that is gone counts
  return () => setTimeout(() => !root.isConnected && court.destroy(), 0);
}

async function start(root, data, trigger) {
  const [strings] = await Promise.all([catalogue(data.language), style(data.style)]);
  root.lang = data.language;
  const settings = { ...data, api: new URL(data.api, document.baseURI).href };
  return new Court(root, settings, translator(strings, data.language), () => trigger("renew", Date.now()));
}
