const PANES = { land: 300, area: 310, rivers: 320, roads: 330, ways: 335, cells: 340, lines: 350, flows: 355, lit: 360, dots: 370 };

const FLOWS = 120, LARGE = 5, UNRINGED = ['keep', 'inactive', 'close', ''], WAYS = [1, 1.6, 2.6, 4.2, 6.2];

/* One map of one plan. It holds no choices of its own: `refresh` draws what `app.state` says. */
class View {
  constructor(app, element, index) {
    this.app = app;
    this.index = index;
    const lone = !app.several, tiles = app.data.basemap;
    this.map = L.map(element, {
      preferCanvas: true, zoomControl: false, attributionControl: false, zoomSnap: tiles ? 1 : 0.25, zoomDelta: tiles ? 1 : 0.5,
      wheelPxPerZoomLevel: 100, minZoom: 5, maxZoom: 18, zoomAnimation: lone && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    });
    this.renderers = {};
    for (const [name, z] of Object.entries(PANES)) {
      const pane = this.map.createPane(name);
      pane.style.zIndex = z;
      pane.style.pointerEvents = 'none';
      if (name !== 'cells') this.renderers[name] = new Sheet({ pane: name, padding: 0.2 });
    }
    this.bounds = L.latLngBounds(app.data.geo.bounds);
    this.home();
    this.base();
    this.layers = { catch: L.layerGroup(), flows: L.layerGroup().addTo(this.map), ways: L.layerGroup().addTo(this.map), rings: L.layerGroup().addTo(this.map), lit: L.layerGroup().addTo(this.map), schools: L.layerGroup(), villages: L.layerGroup() };
    this.cells = new CellLayer(app.cells, { pane: 'cells', padding: 0.15, least: 3 });
    this.labels = new Labels(this.map);
    this.outlines();
    this.place();
    this.map.on('click', (event) => this.click(event));
    this.map.on('zoomend resize', () => this.zoomed());
  }

  /* Of two maps the first always shows the first plan, the last one the plan that was chosen. */
  get plan() {
    return this.app.several && this.index === 0 ? this.app.data.plans[0] : this.app.plan;
  }

  get theme() {
    const { theme } = this.app.state;
    return theme === 'change' && this.plan === this.app.data.plans[0] ? 'time' : theme;
  }

  get band() {
    return this.plan.bands[this.app.state.band];
  }

  /* The band that tells whom a school teaches: a school that the plan closes shows whom it taught before. */
  bandOf(school) {
    const { app } = this, gone = school !== null && app.before && !this.plan.schools.open[school];
    return gone ? app.before.bands[app.state.band] : this.band;
  }

  home() {
    const small = this.map.getSize().x < 560, pad = small ? 8 : 24;
    this.map.fitBounds(this.bounds, { paddingTopLeft: [pad, small ? 64 : pad], paddingBottomRight: [pad, small ? 44 : pad], animate: false });
    this.center = this.map.getCenter();
    this.zoom = this.map.getZoom();
  }

  printing(on) {
    (this.frozen || []).forEach((thaw) => thaw());
    this.map.invalidateSize({ animate: false, pan: false });
    this.home();
    this.labels.layout();
    for (const sheet of Object.values(this.renderers)) sheet.flush();
    this.frozen = on ? [...this.map.getContainer().querySelectorAll('canvas')].map(freeze) : [];
  }

  get atHome() {
    const from = this.map.project(this.center, this.zoom);
    return this.map.getZoom() === this.zoom && this.map.project(this.map.getCenter(), this.zoom).distanceTo(from) < 2;
  }

  /* Symbols are smaller on the screen of a phone, and smaller still on half of it. */
  get symbols() {
    const { x, y } = this.map.getSize();
    return x >= 560 ? 1 : y < 480 ? 0.45 : 0.6;
  }

  radius(i, plan) {
    const columns = (plan || this.plan).schools;
    return columns.open[i] ? radius(columns.pupils[i]) * this.symbols : 5 * Math.max(this.symbols, 0.6);
  }

  /* Where the symbols stand at this zoom: the same in every plan, so that linked maps agree. */
  place() {
    const { plans, geo } = this.app.data, zoom = this.map.getZoom();
    const radii = geo.schools.map((_, i) => Math.max(...plans.map((plan) => this.radius(i, plan))) + 1);
    const points = geo.schools.map((school) => this.map.project(school.at, zoom));
    this.spots = spread(points, radii, 16).map((p) => this.map.unproject([p.x, p.y], zoom));
  }

  zoomed() {
    this.place();
    this.drawFlows();
    this.layers.schools.eachLayer((marker) => marker.setLatLng(this.spots[marker.options.school]));
    this.drawLabels();
  }

  base() {
    const tiles = this.app.data.basemap;
    if (!tiles) return;
    this.tiles = tiles.layers.map((layer) => L.tileLayer(layer.url, { subdomains: layer.subdomains, maxZoom: 18 }).addTo(this.map));
  }

  path(pane, style) {
    return { renderer: this.renderers[pane], pane, interactive: false, ...style };
  }

  outlines() {
    const { geo, basemap } = this.app.data, color = this.app.color;
    if (!basemap) L.polygon(geo.boundary, this.path('land', { stroke: false, fillColor: color('land'), fillOpacity: 1 })).addTo(this.map);
    L.polygon(geo.boundary, this.path('lines', { color: color('boundary'), weight: 1.8, fill: false, lineJoin: 'round' })).addTo(this.map);
    this.layers.townships = L.polygon(geo.townships.map((town) => town.area).flat(), this.path('lines', { color: color('township'), weight: 1, dashArray: '1 4', lineCap: 'round', fill: false }));
    const lines = (pane, groups, style) => L.layerGroup(groups.map((group) => L.polyline(group.lines, this.path(pane, style(group.rank)))));
    this.layers.roads = lines('roads', geo.roads, (rank) => ({ color: color(rank ? 'road-minor' : 'road-major'), weight: [1.5, 0.9, 0.6][rank] || 0.6, opacity: 0.9 }));
    this.layers.rivers = lines('rivers', geo.rivers, (rank) => ({ color: color('river'), weight: rank ? 0.9 : 1.7 }));
  }

  toggle(layer, on) {
    if (on) layer.addTo(this.map);
    else layer.remove();
  }

  refresh() {
    const { layers } = this.app.state;
    for (const name of ['townships', 'roads', 'rivers']) this.toggle(this.layers[name], layers[name]);
    this.toggle(this.layers.catch, layers.catch);
    if (layers.catch) this.drawCatchments();
    this.drawCells();
    this.drawTravelled();
    this.drawFlows();
    this.toggle(this.layers.schools, layers.schools);
    if (layers.schools) this.drawSchools();
    this.toggle(this.layers.villages, layers.villages);
    if (layers.villages) this.drawVillages();
    this.drawLit();
    this.drawLabels();
  }

  drawCatchments() {
    const { layers } = this.app.state, group = this.layers.catch, load = this.theme === 'load';
    const colors = this.app.data.style.catchments;
    group.clearLayers();
    for (const [school, color, area] of this.band.catch) {
      const fill = color < 0 ? {} : { fillColor: load ? this.fill(school) : colors[color], fillOpacity: layers.cells ? 0.3 : load ? 1 : 0.62 };
      L.polygon(area, this.path('area', { fill: color >= 0, ...fill, color: '#fff', weight: 2.2, lineJoin: 'round' })).addTo(group);
      L.polygon(area, this.path('area', { fill: false, color: '#7d8891', weight: 0.8, lineJoin: 'round' })).addTo(group);
    }
  }

  drawCells() {
    const { state } = this.app;
    if (!state.layers.cells) return this.toggle(this.cells, false);
    const lit = this.app.selected('school'), of = this.bandOf(lit).school;
    this.cells.paint(this.groups(), lit === null ? null : (i) => of[i] === lit);
    return this.toggle(this.cells, true);
  }

  /* The classes of the places under this theme, sorted once. */
  groups() {
    const kind = { limit: 'over', change: 'change' }[this.theme] || 'minutes', { band } = this;
    band.sorted = band.sorted || {};
    if (!band.sorted[kind]) band.sorted[kind] = kind === 'change' ? this.changeGroups() : this.group(this.app.data.style[kind], band[kind]);
    if (kind === 'over') for (const group of band.sorted.over.slice(1)) group.least = LARGE;
    return band.sorted[kind];
  }

  changeGroups() {
    const before = this.app.data.plans[0].bands[this.app.state.band].minutes;
    const groups = this.group(this.app.data.style.change, this.band.minutes.map((value, i) => Math.round(10 * (value - before[i])) / 10));
    const calm = groups.splice(3, 1);
    for (const group of groups) group.least = LARGE;
    return [...calm, ...groups];
  }

  group(scale, values) {
    const groups = scale.colors.map((color) => ({ color, cells: [] }));
    const nobody = { color: '#ffffff', border: this.app.color('warn'), cells: [] };
    const { school } = this.band;
    for (let i = 0; i < values.length; i++) {
      if (school[i] === -2) continue;
      const k = classify(scale, values[i]);
      if (school[i] === -1) nobody.cells.push(i);
      else if (k >= 0) groups[k].cells.push(i);
    }
    return [...groups, nobody];
  }

  fill(i) {
    const { style } = this.app.data, { color } = this.app.state, columns = this.plan.schools;
    if (this.theme === 'decision') return style.decisions[columns.decision[i]] || '#888';
    if (this.theme !== 'load') return this.app.color('school');
    const k = classify(style[color], color === 'load' ? columns.load[i] : columns.class_size_max[i]);
    return k < 0 ? '#ffffff' : style[color].colors[k];
  }

  ring(i) {
    const { data, change } = this.app, decision = this.plan.schools.decision[i];
    if (this.app.selected('school') === i) return this.app.color('lit');
    if (!UNRINGED.includes(decision)) return data.style.decisions[decision];
    if (change && this.plan === this.app.plan && change.receiving.includes(i)) return data.style.decisions.open;
    return null;
  }

  drawSchools() {
    const { data, state } = this.app, columns = this.plan.schools, group = this.layers.schools;
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.school : undefined;
    group.clearLayers();
    data.geo.schools.forEach((school, i) => {
      const decision = columns.decision[i], closed = decision === 'close', idle = !columns.open[i] && !closed;
      const r = idle ? 4.5 * Math.max(this.symbols, 0.6) : this.radius(i);
      const tier = data.style.tiers[columns.tier[i]];
      const fill = closed ? (this.app.several ? data.style.decisions.close : this.app.color('closed')) : idle ? '#ffffff' : this.fill(i);
      const drawing = symbol(tier ? tier.shape : 'circle', r, fill, { cross: closed, dashed: idle, ring: closed || idle ? null : this.ring(i) });
      const size = Number(drawing.getAttribute('width'));
      const html = h('div', {}, drawing);
      const marker = L.marker(this.spots[i], {
        school: i,
        icon: L.divIcon({ className: 'school', html, iconSize: [size, size] }),
        zIndexOffset: this.app.selected('school') === i ? 9000 : Math.round(closed ? 3000 : 2000 - 60 * r), riseOnHover: true,
      });
      marker.on('add', () => {
        const element = marker.getElement();
        element.dataset.school = i;
        element.setAttribute('aria-label', [school.name, tier && this.app.word(tier), this.app.t(`decision.${decision}`)].filter(Boolean).join(' '));
        if (String(i) === focused) element.focus({ preventScroll: true });
      });
      marker.on('click', () => this.app.selectSchool(i, false, this));
      marker.on('keypress', (event) => {
        if (event.originalEvent.key !== 'Enter') return;
        this.app.selectSchool(i, false, this);
        this.app.card.enter(() => this.map.getContainer().querySelector(`[data-school="${i}"]`));
      });
      if (!L.Browser.mobile && !state.layers.labels) marker.bindTooltip(h('span', {}, school.name), { direction: 'top', offset: [0, -r] });
      marker.addTo(group);
    });
  }

  /* Rings of walking time below the roads, and the roads by how many pupils travel them. */
  drawTravelled() {
    const { layers } = this.app.state, { color, data } = this.app;
    this.layers.rings.clearLayers();
    this.layers.ways.clearLayers();
    if (layers.rings) for (const [k, area] of this.band.rings) L.polygon(area, this.path('area', { color: data.style.minutes.colors[k], weight: 0.7, opacity: 0.7, fillOpacity: 0.22 })).addTo(this.layers.rings);
    if (layers.ways) for (const group of this.band.ways) L.polyline(group.lines, this.path('ways', { color: color('flow'), weight: WAYS[group.class], opacity: 0.85, lineJoin: 'round' })).addTo(this.layers.ways);
  }

  /* Lines from villages to schools: the largest only, more of them nearer by; of a chosen school or village all. */
  drawFlows() {
    const { app } = this, { flows } = this.bandOf(app.selected('school')), group = this.layers.flows, { geo } = app.data, { selected } = app.state;
    const chosen = selected && flows[selected.kind] ? selected : null;
    group.clearLayers();
    if (chosen === null && !app.state.layers.flows) return;
    let left = chosen === null ? Math.round(FLOWS * 4 ** Math.max(0, this.map.getZoom() - this.map.getBoundsZoom(this.bounds))) : Infinity;
    for (let k = 0; k < flows.school.length && left > 0; k++) {
      if (chosen !== null && flows[chosen.kind][k] !== chosen.i) continue;
      const pupils = Number.isNaN(flows.pupils[k]) ? 0 : flows.pupils[k], ends = [geo.villages[flows.village[k]].at, geo.schools[flows.school[k]].at];
      L.polyline(ends, this.path('flows', { color: app.color('flow'), weight: Math.min(7, 0.9 + 0.3 * Math.sqrt(pupils)), opacity: chosen === null ? 0.5 : 0.75 })).addTo(group);
      left -= 1;
    }
  }

  drawVillages() {
    const group = this.layers.villages;
    group.clearLayers();
    for (const village of this.app.data.geo.villages) {
      L.circleMarker(village.at, this.path('dots', { radius: 2.4, color: '#fff', weight: 1, fillColor: this.app.color('ink'), fillOpacity: 0.85 })).addTo(group);
    }
  }

  drawLit() {
    const group = this.layers.lit, color = this.app.color('lit'), school = this.app.selected('school');
    group.clearLayers();
    if (school !== null) {
      for (const [label, , area] of this.bandOf(school).catch) {
        if (label === school) L.polygon(area, this.path('lit', { color, weight: 2.4, fillColor: color, fillOpacity: 0.07, lineJoin: 'round' })).addTo(group);
      }
    }
    for (const kind of ['cell', 'village']) {
      const place = this.app.selected(kind);
      if (place === null) continue;
      const at = this.app.place(kind, place), to = (kind === 'cell' ? this.band : this.band.villages).school[place];
      if (to >= 0) L.polyline([at, this.app.data.geo.schools[to].at], this.path('lit', { color, weight: 2, dashArray: '5 5' })).addTo(group);
      L.circleMarker(at, this.path('lit', { radius: 7, color, weight: 2.4, fill: false })).addTo(group);
    }
  }

  drawLabels() {
    const { data, state } = this.app, columns = this.plan.schools, items = [], fit = this.map.getBoundsZoom(this.bounds);
    if (state.layers.townships) for (const town of data.geo.townships) items.push({ text: town.name, at: town.at, kind: 'town', area: town.area, gap: 0, weight: 5e5, zoom: 0, must: true });
    if (state.layers.schools && state.layers.labels) {
      data.geo.schools.forEach((school, i) => {
        const decision = columns.decision[i], moved = !['keep', 'inactive'].includes(decision);
        const chosen = this.app.selected('school') === i;
        items.push({
          text: school.name, at: this.spots[i], kind: 'school', gap: this.radius(i),
          weight: (chosen ? 1e7 : 0) + (moved ? 1e6 : 0) + (columns.pupils[i] || 0), zoom: chosen || moved ? 0 : fit + 0.5, must: chosen || moved,
        });
      });
    }
    if (state.layers.villages) for (const village of data.geo.villages) items.push({ text: village.name, at: village.at, kind: 'village', gap: 3, weight: 0, zoom: fit + 1.25 });
    const marks = state.layers.schools ? data.geo.schools.map((_, i) => [this.spots[i], this.radius(i)]) : [];
    this.labels.show(items, marks);
  }

  click(event) {
    const { state, data } = this.app, band = this.band;
    if (state.layers.villages) {
      const point = event.containerPoint;
      const near = data.geo.villages.map((village, i) => [this.map.latLngToContainerPoint(village.at).distanceTo(point), i]).sort((a, b) => a[0] - b[0])[0];
      if (near && near[0] < 9) return this.app.selectVillage(near[1], false, this);
    }
    if (state.layers.cells) {
      const cell = this.cells.hit(event.latlng, 6, (i) => band.school[i] !== -2);
      if (cell >= 0) return this.app.selectCell(cell, false, this);
    }
    if (state.layers.catch) {
      const found = band.catch.find(([label, , area]) => label >= 0 && inArea(area, event.latlng.lat, event.latlng.lng));
      if (found) return this.app.selectSchool(found[0], false, this);
    }
    return this.app.select(null);
  }

  /* Keep a place clear of the card that lies over the map's corner. */
  reveal(at) {
    const box = this.map.getContainer().getBoundingClientRect(), card = this.app.card.element.getBoundingClientRect();
    const point = this.map.latLngToContainerPoint(at), x = point.x + box.left, y = point.y + box.top;
    if (x < card.left - 16 || x > card.right + 16 || y < card.top - 16 || y > card.bottom + 16) return;
    const narrow = card.width > 0.7 * box.width;
    this.map.panBy(narrow ? [0, y - card.top + 60] : [x - card.left + 60, 0], { animate: false });
  }
}
