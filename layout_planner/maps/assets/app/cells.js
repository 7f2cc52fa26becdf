const EARTH = 40075016.686;

function mercator(lat, lon) {
  const s = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
}

/* Every place is one square (or dot), drawn on one canvas: a hundred thousand are drawn in the time of one frame or two. */
const CellLayer = L.Renderer.extend({
  initialize(cells, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._cells = cells;
    this._order = [];
    this._lit = null;
  },

  /* groups: [{color, border, least: pixels, cells: [positions]}], drawn in this order; lit: a test of a position, or null for all. */
  paint(groups, lit) {
    this._groups = groups;
    this._lit = lit;
    if (this._map) this._draw();
    return this;
  },

  _initContainer() {
    this._container = document.createElement('canvas');
    this._container.setAttribute('aria-hidden', 'true');
    this._context = this._container.getContext('2d');
  },

  _destroyContainer() {
    this._container.remove();
    this._container = null;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize(), ratio = L.Browser.retina ? 2 : 1, canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = ratio * size.x;
    canvas.height = ratio * size.y;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    this._ratio = ratio;
    this._draw();
  },

  _draw() {
    const context = this._context, { x, y, size, tall, dot } = this._cells, bounds = this._bounds;
    const scale = 256 * 2 ** this._map.getZoom(), origin = this._map.getPixelOrigin();
    const width = bounds.max.x - bounds.min.x, height = bounds.max.y - bounds.min.y;
    context.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const dx = origin.x + bounds.min.x, dy = origin.y + bounds.min.y;
    for (const group of this._groups || []) {
      const side = Math.max(group.least || this.options.least, size * scale);
      context.fillStyle = group.color;
      context.strokeStyle = group.border || group.color;
      for (const i of group.cells) {
        const px = x[i] * scale - dx, py = y[i] * scale - dy;
        if (px < -side || py < -side || px > width + side || py > height + side) continue;
        context.globalAlpha = this._lit && !this._lit(i) ? 0.13 : 1;
        if (dot && dot[i]) {
          context.beginPath();
          context.arc(px, py, Math.max(3.5, Math.min(x.length > 250 ? 6 : 9, side / 2)), 0, 7);
          context.fill();
          context.strokeStyle = group.border || '#ffffff';
          context.stroke();
          context.strokeStyle = group.border || group.color;
        } else {
          const w = side / tall, h = side * tall, left = Math.round(px - w / 2), top = Math.round(py - h / 2);
          const wide = Math.max(1, Math.round(px + w / 2) - left), high = Math.max(1, Math.round(py + h / 2) - top);
          context.fillRect(left, top, wide, high);
          if (group.border && wide > 3) context.strokeRect(left + 0.5, top + 0.5, wide - 1, high - 1);
        }
      }
    }
    context.globalAlpha = 1;
  },

  /* The place under a point of the map, or -1; within `slack` pixels. */
  hit(latlng, slack, alive) {
    const { x, y, size } = this._cells, scale = 256 * 2 ** this._map.getZoom();
    const [mx, my] = mercator(latlng.lat, latlng.lng);
    let best = Math.max(size / 2, slack / scale), found = -1;
    for (let i = 0; i < x.length; i++) {
      const far = Math.max(Math.abs(x[i] - mx), Math.abs(y[i] - my));
      if (far <= best && alive(i)) {
        best = far;
        found = i;
      }
    }
    return found;
  },
});

/* A canvas of lines and areas that can be drawn at once, without waiting for a frame: printing does not wait. */
const Sheet = L.Canvas.extend({
  flush() {
    if (!this._map || !this._redrawRequest) return;
    L.Util.cancelAnimFrame(this._redrawRequest);
    this._redraw();
  },
});

/* What was cleared on a canvas prints as white over the layers below; a copy was never cleared. */
function freeze(canvas) {
  const copy = h('canvas', { class: 'frozen', width: canvas.width, height: canvas.height, style: canvas.style.cssText });
  copy.getContext('2d').drawImage(canvas, 0, 0);
  canvas.after(copy);
  canvas.style.visibility = 'hidden';
  return () => {
    copy.remove();
    canvas.style.visibility = '';
  };
}
