/* Two maps that move as one, beside each other or one under a sliding edge. */
class Compare {
  constructor(app, stage) {
    this.app = app;
    this.stage = stage;
    this.share = 0.5;
    this.edge = h('div', { class: 'edge', role: 'slider', tabindex: '0', 'aria-valuemin': '0', 'aria-valuemax': '100', onkeydown: (event) => this.key(event), onpointerdown: (event) => this.drag(event) }, h('span', {}));
    stage.append(this.edge);
    const [a, b] = app.views.map((view) => view.map);
    this.link(a, b);
    this.link(b, a);
  }

  link(from, to) {
    const busy = () => this.moving && this.moving !== from;
    const follow = () => {
      if (busy() || this.app.state.mode === 'one') return;
      this.moving = from;
      const zoom = from.getZoom(), center = from.getCenter();
      if (to.getZoom() !== zoom) to.setView(center, zoom, { animate: false });
      else {
        const off = to.project(center, zoom).subtract(to.project(to.getCenter(), zoom)).round();
        if (off.x || off.y) to._rawPanBy(off);
        to.fire('move');
      }
      this.moving = null;
    };
    from.on('move', follow);
    from.on('moveend', () => {
      if (busy() || this.app.state.mode === 'one') return;
      this.moving = from;
      to.fire('moveend');
      this.moving = null;
    });
  }

  mode() {
    const { mode } = this.app.state, [a, b] = this.app.views;
    const center = b.map.getCenter(), zoom = b.map.getZoom();
    this.stage.dataset.mode = mode;
    this.moving = b.map;
    for (const view of [a, b]) view.map.invalidateSize({ animate: false, pan: false });
    for (const view of [a, b]) view.map.setView(center, zoom, { animate: false });
    this.moving = null;
    this.slide(this.share);
  }

  slide(share) {
    this.share = Math.min(0.98, Math.max(0.02, share));
    const percent = `${(100 * this.share).toFixed(2)}%`;
    this.stage.style.setProperty('--edge', percent);
    this.edge.setAttribute('aria-valuenow', String(Math.round(100 * this.share)));
    this.edge.setAttribute('aria-label', this.app.t('cmp.divider'));
  }

  key(event) {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.slide(this.share + step);
  }

  drag(event) {
    event.preventDefault();
    this.edge.setPointerCapture(event.pointerId);
    const move = (now) => {
      const box = this.stage.getBoundingClientRect();
      this.slide((now.clientX - box.left) / box.width);
    };
    const end = () => {
      this.edge.removeEventListener('pointermove', move);
      this.edge.removeEventListener('pointerup', end);
      this.edge.removeEventListener('pointercancel', end);
    };
    this.edge.addEventListener('pointermove', move);
    this.edge.addEventListener('pointerup', end);
    this.edge.addEventListener('pointercancel', end);
    this.edge.focus();
  }
}
