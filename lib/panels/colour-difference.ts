type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Simulation of full deficiency in linear RGB: Machado, Oliveira, Fernandes 2009, severity 1. */
const DEUTAN: Matrix = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];
const PROTAN: Matrix = [
  [0.152286, 1.052583, -0.204868],
  [0.114503, 0.786281, 0.099216],
  [-0.003882, -0.048116, 1.051998],
];
const SAME: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
export const EYES = { normal: SAME, deutan: DEUTAN, protan: PROTAN } as const;
export type Eyes = keyof typeof EYES;

/** sRGB D65 to XYZ, IEC 61966-2-1. */
const TO_XYZ: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];

const times = (m: Matrix, v: Triple): Triple => {
  const row = (r: Triple): number => r[0] * v[0] + r[1] * v[1] + r[2] * v[2];
  return [row(m[0]), row(m[1]), row(m[2])];
};

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function lab(hex: string, eyes: Eyes): Triple {
  const [r, g, b] = times(EYES[eyes], linear(hex));
  const [x, y, z] = times(TO_XYZ, [clamp(r), clamp(g), clamp(b)]);
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** ΔE*ab of CIE 1976 between two `#rrggbb` colours, as the given eyes see them. */
export function colourDifference(a: string, b: string, eyes: Eyes = 'normal'): number {
  const [la, aa, ba] = lab(a, eyes);
  const [lb, ab, bb] = lab(b, eyes);
  return Math.hypot(la - lb, aa - ab, ba - bb);
}

/** Contrast ratio of WCAG 2.2, from 1 to 21. */
export function contrastRatio(a: string, b: string): number {
  const luminance = (hex: string): number => times(TO_XYZ, linear(hex))[1];
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}
