const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function ngon(n, r, turn) {
  return Array.from({ length: n }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / n;
    return `${(r * Math.sin(angle)).toFixed(2)},${(-r * Math.cos(angle)).toFixed(2)}`;
  }).join(' ');
}

const SHAPES = {
  circle: (r) => svg('circle', { r }),
  square: (r) => svg('rect', { x: -r * 0.88, y: -r * 0.88, width: r * 1.76, height: r * 1.76, rx: 1 }),
  triangle: (r) => svg('polygon', { points: ngon(3, r * 1.3, 0), transform: `translate(0 ${(r * 0.22).toFixed(2)})` }),
  diamond: (r) => svg('polygon', { points: ngon(4, r * 1.25, 0) }),
  pentagon: (r) => svg('polygon', { points: ngon(5, r * 1.12, 0) }),
  hexagon: (r) => svg('polygon', { points: ngon(6, r * 1.1, Math.PI / 6) }),
};

function symbol(shape, r, fill, options) {
  const { ring = null, dashed = false, cross = false } = options || {};
  const size = Math.ceil(r * 1.4 + (ring ? 5 : 2)) * 2;
  const root = svg('svg', { width: size, height: size, viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, 'aria-hidden': 'true', focusable: 'false' });
  if (cross) {
    const d = `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`;
    root.append(svg('path', { d, stroke: '#fff', 'stroke-width': 5.5, 'stroke-linecap': 'round' }));
    root.append(svg('path', { d, stroke: fill, 'stroke-width': 2.6, 'stroke-linecap': 'round' }));
    return root;
  }
  const make = SHAPES[shape] || SHAPES.circle;
  if (ring) {
    const halo = make(r + 3.4);
    set(halo, { fill: '#fff', stroke: ring, 'stroke-width': 2.2 });
    root.append(halo);
  }
  const body = make(r);
  set(body, { fill, stroke: '#22313d', 'stroke-width': 1.1, 'stroke-linejoin': 'round', 'paint-order': 'stroke' });
  if (dashed) set(body, { 'stroke-dasharray': '2 1.6', 'fill-opacity': 0.5 });
  if (!ring) {
    const halo = make(r + 1.3);
    set(halo, { fill: 'none', stroke: '#fff', 'stroke-width': 1.5, 'stroke-opacity': 0.9 });
    root.append(halo);
  }
  root.append(body);
  return root;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

const radius = (pupils) => Math.min(15, 4.2 + 0.235 * Math.sqrt(Math.max(0, pupils || 0)));

/* Push symbols that lie on each other apart, never farther than `reach`, so that each can be seen and clicked. */
function spread(points, radii, reach) {
  const at = points.map((p) => ({ x: p.x, y: p.y }));
  for (let round = 0; round < 24; round++) {
    let moved = false;
    for (let i = 0; i < at.length; i++) {
      for (let j = i + 1; j < at.length; j++) {
        const need = radii[i] + radii[j];
        let dx = at[j].x - at[i].x, dy = at[j].y - at[i].y;
        if (Math.abs(dx) >= need || Math.abs(dy) >= need) continue;
        let d = Math.hypot(dx, dy);
        if (d >= need) continue;
        if (d < 0.01) [dx, dy, d] = [Math.cos(i + 2 * j), Math.sin(i + 2 * j), 1];
        const push = (need - Math.hypot(at[j].x - at[i].x, at[j].y - at[i].y)) / 2;
        at[i].x -= (dx / d) * push;
        at[i].y -= (dy / d) * push;
        at[j].x += (dx / d) * push;
        at[j].y += (dy / d) * push;
        moved = true;
      }
    }
    at.forEach((p, i) => {
      const dx = p.x - points[i].x, dy = p.y - points[i].y, far = Math.hypot(dx, dy);
      if (far > reach) [p.x, p.y] = [points[i].x + (dx * reach) / far, points[i].y + (dy * reach) / far];
    });
    if (!moved) break;
  }
  return at;
}
