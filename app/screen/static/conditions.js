// Which questions are asked, given the answers so far.

/** Whether a question with this `when` is asked. values: answers of the questions asked before it. */
export function holds(when, values) {
  if (!when) return true;
  const given = values[when.question];
  if (given === undefined || given === null) return false;
  const wanted = Array.isArray(when.is) ? when.is : [when.is];
  return saidIn(given).some((one) => wanted.includes(one));
}

/** What an answer says: its labels, the preferred response, the verdict on a text. */
function saidIn(value) {
  if (Array.isArray(value)) return value.flatMap(saidIn);
  if (typeof value !== "object") return [value];
  return ["choice", "verdict", "label"].filter((key) => key in value).map((key) => value[key]);
}
