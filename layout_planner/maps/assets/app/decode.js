const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };

/* A column by itself, or what differs from the same column of the plan before. */
function unpack(column, before) {
  if (column.at) {
    const out = Float64Array.from(before), to = unpack(column.to);
    unpack(column.at).forEach((place, k) => { out[place] = to[k]; });
    return out;
  }
  const text = atob(column.d);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const codes = new KINDS[column.t](bytes.buffer);
  const top = 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1;
  const out = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = codes[i] === top ? NaN : (codes[i] + column.o) * column.s;
  return out;
}

/* Decode a part of the page when it is first asked for: what no view shows costs nothing. */
function lazy(object, name, decode) {
  const packed = object[name];
  let value;
  Object.defineProperty(object, name, { enumerable: true, configurable: true, get: () => (value === undefined ? (value = decode(packed)) : value) });
}

function unline(text) {
  const out = [];
  let at = 0, lat = 0, lon = 0;
  const next = () => {
    let value = 0, shift = 0, code;
    do {
      code = text.charCodeAt(at++) - 63;
      value |= (code & 0x1f) << shift;
      shift += 5;
    } while (code >= 0x20);
    return value & 1 ? ~(value >> 1) : value >> 1;
  };
  while (at < text.length) {
    lat += next();
    lon += next();
    out.push([lat / 1e5, lon / 1e5]);
  }
  return out;
}

const unarea = (polygons) => polygons.map((rings) => rings.map(unline));

function classify(scale, value) {
  if (value === null || Number.isNaN(value)) return -1;
  let k = 0;
  while (k < scale.breaks.length && (scale.closed === 'right' ? value > scale.breaks[k] : value >= scale.breaks[k])) k++;
  return k;
}

function inArea(polygons, lat, lon) {
  return polygons.some((rings) => rings.reduce((inside, ring) => (crosses(ring, lat, lon) ? !inside : inside), false));
}

function crosses(ring, lat, lon) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = ring[i], [c, d] = ring[j];
    if (a > lat !== c > lat && lon < ((d - b) * (lat - a)) / (c - a) + b) inside = !inside;
  }
  return inside;
}

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') element.style.cssText = value;
    else if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}
