/** Histograms as outlines. */

/** An SVG path around the bars: shares of bins between ascending edges. */
export function histogramPath(
  edges: ArrayLike<number>,
  shares: ArrayLike<number>,
  x: (value: number) => number,
  y: (share: number) => number,
): string {
  let path = `M${x(edges[0] ?? 0).toFixed(1)},${y(0).toFixed(1)}`;
  for (let bin = 0; bin < shares.length; bin++) {
    path += `V${y(shares[bin] ?? 0).toFixed(1)}H${x(edges[bin + 1] ?? 0).toFixed(1)}`;
  }
  return `${path}V${y(0).toFixed(1)}Z`;
}
