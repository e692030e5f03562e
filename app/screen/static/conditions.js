// Which questions are asked, given the answers so far.

/** Whether a question with this `when` is asked. values: answers of the questions asked before it. */
export function holds(when, values) {
  if (!when) return true;
  const given = values[when.question];
  if (given === undefined || given === null) return false;
  const wanted = Array.isArray(when.is) ? when.is : [when.is];
  const said = Array.isArray(given) ? given : [given];
  return said.some((one) => wanted.includes(one));
}
