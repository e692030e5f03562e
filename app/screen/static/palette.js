// Colours of labels, by their place. Each is told from its neighbours by people who see fewer
// colours (after Okabe and Ito, and Tol), has 3:1 against both backgrounds, and comes with a line
// style of its own, so that nothing is said by colour alone.

const COLORS = ["#1f77c8", "#c8660a", "#159a74", "#b4549b", "#8a7a10", "#7468d8", "#c7463c", "#5f7d8c"];
const LINES = ["solid", "double", "dashed", "dotted"];

/** {color, line} of the label at a place, from 0: a colour and a `border-style`. */
export function look(at) {
  const round = Math.floor(at / COLORS.length);
  return { color: COLORS[at % COLORS.length], line: LINES[(at + round) % LINES.length] };
}
