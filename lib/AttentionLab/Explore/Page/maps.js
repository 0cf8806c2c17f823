// Maps as they travel, their values at a picture's pixels, and their colours.

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
}

/** A map with its values: { height, width, values, part }, part = [top, left, height, width] in pixels or null. */
export function mapOf(travelled, base64 = travelled.values) {
  return { ...travelled, values: new Float32Array(bytesOf(base64).buffer) };
}

/** A channel's map, from its 65,536 steps. */
export function mapOfChannel(channel, part) {
  const steps = new Uint16Array(bytesOf(channel.steps).buffer);
  const values = Float32Array.from(steps, step => channel.low + (channel.high - channel.low) * step / 65535);
  return { height: channel.height, width: channel.width, values, part };
}

/** The map's value at each of a picture's H×W pixels, NaN where it has none: AttentionLab's Heatmap.Place, bit by bit. */
export function place(map, height, width) {
  const [top, left, high, wide] = map.part ?? [0, 0, height, width];
  const rows = samples(map.height, top, high, height), columns = samples(map.width, left, wide, width);
  const placed = new Float32Array(height * width).fill(NaN);
  for (const [y, above, below, down] of rows) {
    for (const [x, before, after, across] of columns) {
      const value = (row, column) => map.values[row * map.width + column];
      placed[y * width + x] = between(
        between(value(above, before), value(above, after), across),
        between(value(below, before), value(below, after), across),
        down);
    }
  }
  return placed;
}

/** For each pixel of a side that the map covers: the pixel, the two values it lies between, and how far it is to the second. */
function samples(from, edge, length, side) {
  const first = Math.min(Math.max(Math.ceil(edge - 0.5), 0), side - 1);
  const end = Math.min(Math.max(Math.ceil(edge + length - 0.5), first + 1), side);
  return Array.from({ length: end - first }, (_, i) => {
    const at = Math.min(Math.max((first + i + 0.5 - edge) * from / length - 0.5, 0), from - 1), low = Math.floor(at);
    return [first + i, low, Math.min(low + 1, from - 1), at - low];
  });
}

function between(low, high, share) {
  return (1 - share) * low + share * high;
}

/** The lowest and the highest of some values, NaN left out. */
export function rangeOf(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** Which of 256 colours a value has. The diverging colours are symmetric about 0. */
export function colorIndexes(values, colorName) {
  let { low, high } = rangeOf(values);
  if (colorName === 'diverging') {
    high = Math.max(Math.abs(low), Math.abs(high)) || 1;
    low = -high;
  }
  return Int16Array.from(values, value => Number.isNaN(value) ? -1
    : high > low ? Math.min(255, Math.max(0, Math.floor((value - low) / (high - low) * 256))) : 0);
}

/** A number for a reader, in five digits. */
export function numberText(value) {
  const size = Math.abs(value);
  const text = size === 0 || (size >= 0.001 && size < 100000) ? String(Number(value.toPrecision(5))) : value.toExponential(4);
  return text.replace('-', '−').replace('e−', 'e-');
}

/** "12.3 %". */
export function percentText(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** A text with its places {0}, {1} … filled. */
export function fill(text, ...values) {
  return text.replace(/\{(\d)\}/g, (_, i) => values[i]);
}
