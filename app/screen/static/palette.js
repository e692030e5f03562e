// Colours of labels, by their place: at least 3:1 against light and dark backgrounds. Those that look
// alike to people who see fewer colours have different lines: nothing is said by colour alone.

const COLORS = ["#1f77c8", "#c8660a", "#159a74", "#b4549b", "#8a7a10", "#7468d8", "#5f7d8c", "#c7463c"];
const LINES = ["solid", "double", "dashed", "dotted"];

/** {color, line} of the label at a place, from 0: a colour and a `border-style`. */
export function look(at) {
  const round = Math.floor(at / COLORS.length);
  return { color: COLORS[at % COLORS.length], line: LINES[(at + round) % LINES.length] };
}
