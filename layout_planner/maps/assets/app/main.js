const ICONS = {
  zoomin: 'M10 4v12M4 10h12', zoomout: 'M4 10h12', home: 'M3.5 10 10 4l6.5 6M5.5 9v7h9V9',
  full: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4', print: 'M6 8V3h8v5M6 14H4V8h12v6h-2M6 12h8v5H6z',
};

/* What each theme shows at first; the reader can switch layers on and off. */
const THEMES = {
  time: { cells: true, catch: false }, limit: { cells: true, catch: false }, load: { cells: false, catch: true },
  change: { cells: true, catch: false }, decision: { cells: false, catch: true },
};
const MANY = 5;

class App {
  constructor(data) {
    this.data = data;
    const cells = data.geo.cells, lat = unpack(cells.lat), lon = unpack(cells.lon);
    const x = new Float64Array(cells.n), y = new Float64Array(cells.n);
    for (let i = 0; i < cells.n; i++) [x[i], y[i]] = mercator(lat[i], lon[i]);
    const middle = (data.geo.bounds[0][0] + data.geo.bounds[1][0]) / 2;
    this.cells = { x, y, lat, lon, size: cells.size / (EARTH * Math.cos((middle * Math.PI) / 180)), tall: Math.sqrt(cells.aspect), dot: cells.dot && unpack(cells.dot), village: unpack(cells.village) };
    data.geo.boundary = unarea(data.geo.boundary);
    const lines = (packed) => packed.map(unline);
    for (const town of data.geo.townships) town.area = unarea(town.area);
    for (const group of [...data.geo.roads, ...data.geo.rivers]) lazy(group, 'lines', lines);
    data.shapes.forEach((shape, k) => lazy(data.shapes, k, typeof shape === 'string' ? unline : unarea));
    data.plans.forEach((plan, k) => plan.bands.forEach((band, b) => this.decode(band, k && data.plans[k - 1].bands[b])));
    this.several = data.plans.length > 1;
    this.slides = this.several && (data.start.series || data.plans.length > MANY);
    this.state = {
      lang: data.meta.lang, band: 0, color: 'load', theme: data.start.theme, plan: data.start.plan, mode: data.start.mode, folded: innerWidth < 760, selected: null,
      layers: { cells: true, catch: false, schools: true, labels: true, flows: false, ways: false, rings: false, villages: false, townships: true, roads: true, rivers: true, ...THEMES[data.start.theme] },
    };
    this.t = (key, values) => {
      const pair = data.text[key] || [key, key], text = pair[this.state.lang === 'zh' ? 0 : 1];
      return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name]) : text;
    };
    this.word = (pair) => pair[this.state.lang];
    this.color = (name) => data.style.tokens[name];
    this.popups = new Popups(this);
  }

  decode(band, before) {
    const { shapes } = this.data;
    for (const name of ['school', 'minutes', 'metres', 'mode', 'pupils', 'over']) lazy(band, name, (column) => unpack(column, column.at && before[name]));
    for (const part of [band.villages, band.flows]) for (const name of Object.keys(part)) lazy(part, name, (column) => unpack(column));
    for (const group of band.ways) lazy(group, 'lines', (column) => Array.from(unpack(column), (k) => shapes[k]));
    for (const ring of band.rings) lazy(ring, 1, (parts) => parts.flatMap((k) => shapes[k]));
    for (const area of band.catch) lazy(area, 2, (k) => shapes[k]);
  }

  /* The plan that a reader looks at, the one that it is compared with (or null), and both in order. */
  get plan() {
    return this.data.plans[this.state.plan];
  }

  get before() {
    return this.state.plan > 0 ? this.data.plans[0] : null;
  }

  get pair() {
    return this.before ? [this.before, this.plan] : [this.plan];
  }

  get change() {
    return this.data.changes[this.state.plan];
  }

  label(plan) {
    return this.state.lang === 'zh' ? plan.label : plan.label_en;
  }

  get title() {
    const { meta } = this.data;
    return this.state.lang === 'zh' ? meta.title : meta.title_en;
  }

  /* The map approval as given; what stands there where none was given is said in both languages. */
  get approval() {
    const { meta, text } = this.data;
    return meta.approval === text['head.unreviewed'][0] ? this.t('head.unreviewed') : meta.approval;
  }

  heads() {
    const labels = this.pair.map((plan) => this.label(plan));
    return labels.every((label) => label.length <= 6) && this.slides ? labels : [this.t('pop.before'), this.t('pop.after')];
  }

  start() {
    const stage = document.getElementById('stage');
    this.stage = stage;
    this.panel = new Panel(this, document.getElementById('panel'));
    this.search = new Search(this);
    this.tools = h('div', { class: 'tools' });
    this.maps = (this.several ? [0, 1] : [0]).map((i) => h('div', { class: `map map${i}`, id: `map${i}`, role: 'region' }));
    stage.dataset.mode = this.state.mode;
    stage.classList.toggle('several', this.several);
    this.card = new Card(this);
    stage.append(this.search.element, this.tools, this.card.element, ...this.maps);
    this.panel.render();
    this.panel.folded(this.state.folded);
    this.views = this.maps.map((map, i) => new View(this, map, i));
    this.captions = this.several ? this.maps.map((_, i) => h('p', { class: `caption caption${i}` })) : [];
    stage.append(...this.captions);
    this.scale = L.control.scale({ imperial: false, maxWidth: 140 }).addTo(this.views[this.views.length - 1].map);
    stage.append(h('div', { class: 'north', 'aria-hidden': 'true' }, svg('svg', { viewBox: '0 0 20 30', width: 18, height: 27 }, svg('path', { d: 'M10 9 16 27 10 23 4 27z', fill: 'currentColor' }), svg('text', { x: 10, y: 7, 'text-anchor': 'middle', 'font-size': 8.5, 'font-weight': 700, fill: 'currentColor' }, 'N'))));
    if (this.several) this.compare = new Compare(this, stage);
    this.chrome();
    if (this.compare) this.compare.mode();
    this.update();
    this.printing();
  }

  chrome() {
    document.documentElement.lang = this.state.lang === 'zh' ? 'zh-CN' : 'en';
    document.title = this.title;
    this.search.render();
    const tool = (name, act) => h('button', { type: 'button', title: this.t(`tool.${name}`), 'aria-label': this.t(`tool.${name}`), 'data-tool': name, onclick: act }, svg('svg', { viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true' }, svg('path', { d: ICONS[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.7, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' })));
    const lead = this.views[this.views.length - 1];
    this.tools.replaceChildren(tool('zoomin', () => lead.map.zoomIn()), tool('zoomout', () => lead.map.zoomOut()), tool('home', () => this.home()), tool('full', () => this.full()), tool('print', () => window.print()));
    if (this.compare) this.compare.slide(this.compare.share);
  }

  home() {
    this.views[this.views.length - 1].home();
  }

  full() {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen ? document.documentElement.requestFullscreen() : null;
    if (done) done.catch(() => document.body.classList.toggle('wide'));
  }

  printing() {
    const sharp = L.Browser.retina;
    const fit = (on) => {
      document.body.classList.toggle('printing', on);
      L.Browser.retina = on || sharp;
      this.panel.fit(on);
      for (const view of this.views) if (this.shows(view)) view.printing(on);
    };
    addEventListener('beforeprint', () => fit(true));
    addEventListener('afterprint', () => fit(false));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.select(null);
    });
  }

  refresh() {
    for (const view of this.views) {
      this.maps[view.index].setAttribute('aria-label', this.label(view.plan));
      if (this.several) this.captions[view.index].textContent = this.label(view.plan);
      if (this.shows(view)) view.refresh();
    }
  }

  shows(view) {
    return !this.several || this.state.mode !== 'one' || view.index === 1;
  }

  update() {
    this.refresh();
    this.panel.sync();
  }

  selected(kind) {
    return this.state.selected && this.state.selected.kind === kind ? this.state.selected.i : null;
  }

  place(kind, i) {
    if (kind === 'cell') return [this.cells.lat[i], this.cells.lon[i]];
    return this.data.geo[kind === 'school' ? 'schools' : 'villages'][i].at;
  }

  select(selected, view) {
    if (!selected && !this.state.selected) return;
    this.state.selected = selected;
    this.refresh();
    this.describe();
    if (selected) (view || this.views[this.views.length - 1]).reveal(this.place(selected.kind, selected.i));
  }

  describe() {
    const { selected } = this.state;
    if (selected) this.card.show(this.popups[selected.kind](selected.i));
    else this.card.hide();
  }

  go(at, near) {
    const view = this.views[this.views.length - 1], zoom = Math.max(view.map.getZoom(), view.map.getBoundsZoom(view.bounds) + near);
    view.map.setView(at, zoom, { animate: false });
  }

  selectSchool(i, go, view) {
    if (!this.state.layers.schools) this.state.layers.schools = true;
    const teaches = (b) => this.pair.some((plan) => plan.schools[this.data.style.bands[b].column][i]);
    if (!teaches(this.state.band)) {
      const band = this.data.style.bands.findIndex((_, b) => teaches(b));
      if (band >= 0) this.state.band = band;
    }
    this.panel.sync();
    if (go) this.go(this.place('school', i), 1);
    this.select({ kind: 'school', i }, view);
  }

  selectVillage(i, go, view) {
    if (go) this.go(this.place('village', i), 1.5);
    this.select({ kind: 'village', i }, view);
  }

  selectCell(i, go, view) {
    if (go) this.go(this.place('cell', i), 2);
    this.select({ kind: 'cell', i }, view);
  }

  goTownship(i) {
    const view = this.views[this.views.length - 1];
    view.map.fitBounds(L.polygon(this.data.geo.townships[i].area).getBounds(), { animate: false, padding: [20, 20] });
  }

  setBand(band) {
    this.state.band = band;
    this.update();
    this.describe();
  }

  setColor(color) {
    this.state.color = color;
    this.update();
  }

  setTheme(theme) {
    this.state.theme = theme;
    Object.assign(this.state.layers, THEMES[theme]);
    if (theme === 'change' && !this.before) this.state.plan = this.data.plans.length - 1;
    this.update();
    this.describe();
  }

  setPlan(plan) {
    this.state.plan = plan;
    if (!plan && this.state.theme === 'change') this.state.theme = 'time';
    if (!plan && this.state.mode !== 'one' && !this.slides) return this.setMode('one');
    this.update();
    return this.describe();
  }

  setLayer(name, on) {
    this.state.layers[name] = on;
    this.update();
  }

  setMode(mode) {
    this.select(null);
    const whole = this.views[1].atHome;
    this.state.mode = mode;
    if (mode !== 'one' && !this.before) this.state.plan = this.data.plans.length - 1;
    this.compare.mode();
    if (whole) this.home();
    this.update();
  }

  setLang(lang) {
    this.state.lang = lang;
    this.chrome();
    this.panel.render();
    this.panel.folded(this.state.folded);
    this.refresh();
    this.describe();
  }

  fold(on) {
    this.state.folded = on;
    this.panel.folded(on);
    for (const view of this.views) view.map.invalidateSize({ animate: false, pan: false });
  }
}

const began = performance.now();
const app = new App(JSON.parse(document.getElementById('payload').textContent));
app.start();
window.layoutPlanner = app;
requestAnimationFrame(() => {
  app.ready = performance.now();
  document.documentElement.dataset.ready = String(Math.round(app.ready));
  document.documentElement.dataset.built = String(Math.round(app.ready - began));
});
