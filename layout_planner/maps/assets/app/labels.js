/* Names that never overlap: the important ones first, each at the first of four places that is free. */
class Labels {
  constructor(map) {
    this.map = map;
    this.items = [];
    this.pane = map.createPane('names');
    this.pane.style.zIndex = 640;
    this.pane.style.pointerEvents = 'none';
    this.pane.setAttribute('aria-hidden', 'true');
    this.pen = document.createElement('canvas').getContext('2d');
    map.on('zoomstart', () => this.pane.classList.add('moving'));
    map.on('zoomend moveend resize', () => this.layout());
  }

  /* items: [{text, at: [lat, lon], kind, gap, weight, zoom}]; marks: [[[lat, lon], radius]] that names should leave visible. */
  show(items, marks) {
    this.items = items.slice().sort((a, b) => b.weight - a.weight);
    this.marks = marks;
    this.layout();
  }

  places(item, wide, tall) {
    if (item.kind !== 'town') {
      const gap = item.gap + 3;
      return [[gap, -tall / 2], [-gap - wide, -tall / 2], [-wide / 2, -gap - tall], [-wide / 2, gap]];
    }
    const around = [];
    for (const dy of [0, -24, 24, -48, 48]) for (const dx of [0, -30, 30, -60, 60]) around.push([dx - wide / 2, dy - tall / 2]);
    return around.sort((a, b) => Math.hypot(a[0] + wide / 2, a[1] + tall / 2) - Math.hypot(b[0] + wide / 2, b[1] + tall / 2));
  }

  belongs(item, box) {
    if (!item.area) return true;
    const middle = this.map.layerPointToLatLng([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    return inArea(item.area, middle.lat, middle.lng);
  }

  layout() {
    this.pane.classList.remove('moving');
    this.pane.replaceChildren();
    const zoom = this.map.getZoom(), view = this.map.getPixelBounds().pad(0.1), origin = this.map.getPixelOrigin();
    const small = this.map.getSize().x < 560;
    this.pane.classList.toggle('small', small);
    const marks = (this.marks || []).map(([at, r]) => {
      const point = this.map.latLngToLayerPoint(at);
      return [point.x - r, point.y - r, point.x + r, point.y + r];
    });
    const corner = this.map.containerPointToLayerPoint([0, 0]), far = corner.add(this.map.getSize());
    const whole = (b) => b[0] >= corner.x && b[1] >= corner.y && b[2] <= far.x && b[3] <= far.y;
    const boxes = [], meets = (box, others) => others.filter((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1]).length;
    for (const item of this.items) {
      if (zoom < item.zoom) continue;
      const point = this.map.latLngToLayerPoint(item.at);
      if (!view.contains(point.add(origin))) continue;
      const size = { town: small ? 12 : 15, school: small ? 11 : 12, village: 11 }[item.kind];
      this.pen.font = `600 ${size}px sans-serif`;
      const wide = this.pen.measureText(item.text).width + (item.kind === 'town' ? 3 * item.text.length : 3), tall = size + 4;
      const tries = this.places(item, wide, tall).map(([dx, dy]) => [point.x + dx, point.y + dy, point.x + dx + wide, point.y + dy + tall]);
      const free = tries.filter((box) => (item.must || whole(box)) && !meets(box, boxes) && this.belongs(item, box)).sort((a, b) => whole(b) - whole(a));
      let box = free.find((b) => !meets(b, marks));
      if (!box && item.must) box = free.sort((a, b) => whole(b) - whole(a) || meets(a, marks) - meets(b, marks))[0];
      if (!box) continue;
      boxes.push(box);
      const span = h('span', { class: `name ${item.kind}` }, item.text);
      span.style.transform = `translate(${Math.round(box[0])}px,${Math.round(box[1])}px)`;
      this.pane.append(span);
    }
  }
}
