// Characters that cannot be seen, made visible.

const PICTURES = 0x2400; // "control pictures": a sign for each control character
const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/g;
const TURNING = /([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])/;

/** `text` with a visible sign for each control character: as long as it, so that offsets hold. */
export function visible(text) {
  return text.replace(UNSEEN, (sign) => {
    const code = sign.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(PICTURES + code) : "\ufffd";
  });
}

/** The parts of `text`: [part, whether it is one of the characters that turn the reading around]. */
export function turns(text) {
  return text.split(TURNING).map((part, at) => [part, at % 2 === 1]).filter(([part]) => part !== "");
}

/** How a character is called: U+202E. */
export function called(sign) {
  return `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
