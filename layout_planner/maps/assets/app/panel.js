const WORDS = 28, SIZES = [50, 500, 1500], SMALLEST = 0.72;

/* The side panel: title, figures, choices, legend, foot. */
class Panel {
  constructor(app, element) {
    this.app = app;
    this.element = element;
  }

  render() {
    const { app } = this, { t, state, data } = app;
    this.summary = h('section', { class: 'summary' });
    this.options = h('section', {});
    this.legend = h('section', { class: 'legend', 'aria-live': 'polite' });
    this.list = h('section', { class: 'worst' });
    this.element.setAttribute('aria-label', t('panel.toggle'));
    const themes = Object.keys(THEMES).filter((key) => key !== 'change' || app.several);
    const body = h('div', { class: 'body', tabindex: '0', role: 'group', 'aria-label': t('panel.toggle') },
      app.several && (app.slides ? this.slider() : this.choice('plan', t('plan.title'), data.plans.map((plan, k) => [k, app.label(plan)]), (k) => app.setPlan(Number(k)))),
      this.summary,
      app.several && this.choice('mode', t('cmp.mode'), ['one', 'side', 'swipe'].map((k) => [k, t(`cmp.${k}`)]), (k) => app.setMode(k)),
      this.choice('theme', t('theme.title'), themes.map((k) => [k, t(`theme.${k}`)]), (k) => app.setTheme(k)),
      this.choice('band', t('band.title'), data.style.bands.map((band, i) => [i, app.word(band)]), (i) => app.setBand(Number(i))),
      this.options,
      this.legend,
      this.list,
      this.switches(),
      this.downloads(),
      this.foot());
    this.handle = h('button', { type: 'button', class: 'handle', 'aria-expanded': String(!state.folded), onclick: () => app.fold(!state.folded) }, h('span', {}, state.folded ? t('panel.show') : t('panel.hide')));
    this.element.replaceChildren(this.head(), this.handle, body);
    this.renderState();
  }

  /* Plans that follow each other: a slider, with the one shown said in words. */
  slider() {
    const { app } = this, { plans } = app.data, last = plans.length - 1, labels = plans.map((plan) => app.label(plan));
    const input = h('input', { type: 'range', name: 'plan', min: '0', max: String(last), step: '1', value: String(app.state.plan), 'aria-label': app.t('plan.slide'), oninput: (event) => app.setPlan(Number(event.target.value)) });
    this.spoken = h('output', {});
    return h('fieldset', { class: 'slider' }, h('legend', {}, app.t('plan.slide'), this.spoken), input,
      h('p', { 'aria-hidden': 'true' }, (labels.join('').length <= WORDS ? labels : [labels[0], labels[last]]).map((label) => h('span', {}, label))));
  }

  /* What depends on the theme and the plan that was chosen. */
  renderState() {
    const { app } = this, { state } = app;
    this.summary.replaceChildren(app.before ? this.comparison() : this.figures());
    this.options.replaceChildren(...(state.theme === 'load' ? [this.choice('color', app.t('color.title'), ['load', 'classes'].map((k) => [k, app.t(`color.${k}`)]), (k) => app.setColor(k))] : []));
    if (this.spoken) {
      this.spoken.textContent = app.label(app.plan);
      this.element.querySelector('input[type=range]').setAttribute('aria-valuetext', app.label(app.plan));
    }
    this.renderLegend();
    this.list.replaceChildren(...this.villages());
    this.list.hidden = !this.list.children.length;
  }

  folded(on) {
    this.element.classList.toggle('folded', on);
    this.handle.setAttribute('aria-expanded', String(!on));
    this.handle.firstChild.textContent = this.app.t(on ? 'panel.show' : 'panel.hide');
  }

  /* A print has one page: what would run over its foot is made smaller, and where that is not enough its lists are left out. */
  fit(on) {
    const body = this.element.querySelector('.body'), over = () => on && body.scrollHeight > body.clientHeight + 1;
    body.style.zoom = '';
    body.classList.remove('brief');
    for (const brief of [false, true]) {
      if (!over()) return;
      body.classList.toggle('brief', brief);
      for (let share = 1; share >= SMALLEST && (share === 1 || over()); share -= 0.04) body.style.zoom = share.toFixed(2);
    }
  }

  head() {
    const { meta } = this.app.data, { app } = this;
    return h('header', { class: 'title' },
      h('div', { class: 'bar' }, h('span', { class: 'stamp' }, app.approval), h('button', { type: 'button', class: 'lang', lang: app.state.lang === 'zh' ? 'en' : 'zh-CN', onclick: () => app.setLang(app.state.lang === 'zh' ? 'en' : 'zh') }, app.t('lang.other'))),
      h('h1', {}, app.title),
      meta.date && h('p', {}, meta.date));
  }

  value(key, v) {
    const { popups, t } = this.app;
    if (v === null) return '—';
    if (key === 'within') return popups.share(v);
    const unit = { pupils: 'unit.pupils', none: 'unit.pupils', mean: 'unit.min', open: 'unit.schools', small: 'unit.schools', large: 'unit.classes' }[key];
    return [popups.number(v, key === 'mean' ? 1 : 0), t(unit) && h('small', {}, t(unit))];
  }

  figures() {
    const { headline } = this.app.plan;
    return h('dl', { class: 'figures' }, Object.keys(headline).filter((key) => key !== 'none' || headline.none > 0).map((key) =>
      h('div', { class: (key === 'none' || key === 'large') && headline[key] > 0 ? 'bad' : '' }, h('dt', {}, this.app.t(`ind.${key}`)), h('dd', {}, this.value(key, headline[key])))));
  }

  comparison() {
    const { app } = this, [before, after] = app.pair.map((plan) => plan.headline);
    const better = { within: 1, mean: -1, large: -1, none: -1, small: 0, open: 0, pupils: 0 };
    const rows = Object.keys(after).filter((key) => key !== 'none' || before.none || after.none).map((key) => {
      const change = before[key] === null || after[key] === null ? 0 : Math.sign(after[key] - before[key]);
      const grade = change * better[key];
      return h('tr', {}, h('th', { scope: 'row' }, app.t(`ind.${key}`)), h('td', {}, this.value(key, before[key])), h('td', { class: grade > 0 ? 'good' : grade < 0 ? 'bad' : '' }, this.value(key, after[key])), h('td', { class: 'arrow', 'aria-hidden': 'true' }, change > 0 ? '▲' : change < 0 ? '▼' : ''));
    });
    return h('table', { class: 'versus' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, app.t('cmp.indicator')), app.pair.map((plan) => h('th', { scope: 'col' }, app.label(plan))), h('td', {}))), h('tbody', {}, rows));
  }

  choice(name, title, options, pick) {
    const now = String(this.app.state[name]);
    const wide = name === 'plan' && options.reduce((sum, [, text]) => sum + text.length, 0) <= 16;
    return h('fieldset', { class: `choice ${name}${wide ? ' wide' : ''}` }, h('legend', {}, title), h('div', {}, options.map(([key, text]) => {
      const input = h('input', { type: 'radio', name, value: String(key), checked: String(key) === now, onchange: () => pick(key) });
      return h('label', {}, input, h('span', {}, text));
    })));
  }

  sync() {
    for (const input of this.element.querySelectorAll('input[type=radio]')) input.checked = input.value === String(this.app.state[input.name]);
    for (const input of this.element.querySelectorAll('input[type=checkbox]')) input.checked = this.app.state.layers[input.name];
    for (const input of this.element.querySelectorAll('input[type=range]')) input.value = String(this.app.state.plan);
    this.renderState();
  }

  switches() {
    const { app } = this, { geo } = app.data;
    const names = ['cells', 'catch', 'schools', 'labels', 'flows', 'ways', 'rings', 'villages', 'townships', 'roads', 'rivers'].filter((name) => !(name in geo) || geo[name].length || name === 'cells').filter((name) => name !== 'flows' || geo.villages.length).filter((name) => !['ways', 'rings'].includes(name) || app.data.plans.some((plan) => plan.bands.some((band) => band[name].length)));
    return h('fieldset', { class: 'switches' }, h('legend', {}, app.t('layer.title')), names.map((name) =>
      h('label', {}, h('input', { type: 'checkbox', name, checked: app.state.layers[name], onchange: (event) => app.setLayer(name, event.target.checked) }), h('span', {}, app.t(`layer.${name}`)))));
  }

  renderLegend() {
    const { app } = this, { t, state } = app, { style } = app.data, { plan } = app, parts = [];
    const now = plan.bands[state.band], band = app.word(style.bands[state.band]), { theme } = state, { pictured } = this;
    const people = (name, scale, of) => parts.push(this.classes(t(`legend.${name}`, { band }), scale, of.map((one) => one.bands[state.band].counts[name]), 'unit.pupils', 'square', of));
    if (state.layers.cells) {
      if (theme === 'change' && app.change) parts.push(this.classes(t('legend.change', { band }), style.change, [[...app.change.bands[state.band].counts, now.counts.minutes.at(-1)]], 'unit.pupils', 'square', [plan]));
      if (theme === 'limit') people('over', style.over, pictured);
      else if (theme !== 'change') people('minutes', style.minutes, pictured);
      else if (pictured.length > 1) people('minutes', style.minutes, [pictured[0]]);
    }
    if (state.layers.cells && app.data.geo.cells.merged) parts.push(h('p', { class: 'note' }, t('legend.merged', { n: Math.round(app.data.geo.cells.size) })));
    if (state.layers.rings && now.rings.length) parts.push(this.rings(now.rings, t('legend.rings', { band })));
    if (state.layers.ways && now.ways.length) parts.push(this.ways(now.ways));
    for (const layer of ['rings', 'ways']) if (state.layers[layer] && !plan.bands.some((one) => one[layer].length)) parts.push(h('p', { class: 'note' }, t('legend.absent', { layer: t(`layer.${layer}`) })));
    if (state.layers.schools || theme === 'load') {
      if (theme === 'decision') parts.push(this.decisions(plan));
      if (theme === 'load') parts.push(this.classes(t(`legend.${state.color}`), style[state.color], pictured.map((one) => one.counts[state.color]), 'unit.schools', 'circle', pictured));
    }
    if (state.layers.catch && !state.layers.cells && now.catch.some(([label]) => label < 0)) parts.push(h('ul', { class: 'scale' }, this.entry(h('span', { class: 'swatch square', style: `background:${app.color('land')}` }), t('legend.nobody'))));
    if (state.layers.schools) parts.push(this.tiers(plan));
    this.legend.replaceChildren(h('h2', { class: 'unseen' }, t('legend.title')), ...parts);
  }

  /* The plans that the stage shows, in order. */
  get pictured() {
    return this.app.state.mode === 'one' ? [this.app.plan] : this.app.pair;
  }

  /* A title, and of which plan it speaks where two are shown. */
  of(title, plan) {
    return this.pictured.length > 1 ? `${title} · ${this.app.label(plan)}` : title;
  }

  rings(rings, title) {
    const { app } = this, scale = app.data.style.minutes;
    const items = rings.map(([k]) => this.entry(h('span', { class: 'swatch square', style: `background:${scale.colors[k]}60;border-color:${scale.colors[k]}` }), scale[app.state.lang][k], undefined));
    return h('div', { class: 'scale two' }, h('h3', {}, title), h('ul', {}, items));
  }

  ways(ways) {
    const { app } = this, next = [5, 20, 50, 200];
    const items = ways.map((group) => this.entry(h('span', { class: 'line', style: `border-top-width:${WAYS[group.class]}px` }), group.class in next ? `${group.from}—${next[group.class]}` : `${group.from}+`, undefined));
    return h('div', { class: 'scale two' }, h('h3', {}, app.t('legend.ways', { n: Math.min(...ways.map((group) => group.from)) })), h('ul', {}, items));
  }

  entry(mark, text, counts, unit) {
    const { popups, t } = this.app;
    return h('li', {}, h('span', { class: 'mark' }, mark), h('span', { class: 'text' }, text), [counts].flat().filter((count) => count !== undefined).map((count) => h('span', { class: 'count' }, count === null ? popups.people(NaN) : popups.number(count), t(unit) && h('small', {}, t(unit)))));
  }

  /* Classes of a scale with one column of counts a plan. */
  classes(title, scale, columns, unit, shape, plans) {
    const { app } = this, n = scale.colors.length, two = plans.length > 1;
    const swatch = (color, border) => h('span', { class: `swatch ${shape}`, style: `background:${color};${border ? `border-color:${border}` : ''}` });
    const items = scale.colors.map((color, k) => this.entry(swatch(color), scale[app.state.lang][k], columns.map((counts) => counts[k]), unit));
    if (columns.some((counts) => counts.length > n && counts[n] !== 0)) items.push(this.entry(swatch('#fff', app.color('warn')), app.t('legend.nobody'), columns.map((counts) => counts[n]), unit));
    const heads = two && h('li', { class: 'heads' }, h('span', { class: 'text' }), plans.map((plan) => h('span', { class: 'count' }, app.label(plan))));
    return h('div', { class: two ? 'scale pair' : 'scale' }, h('h3', {}, two ? title : this.of(title, plans[0])), h('ul', {}, heads, items));
  }

  decisions(plan) {
    const { app } = this, { style } = app.data;
    const counts = {};
    for (const decision of plan.schools.decision) counts[decision] = (counts[decision] || 0) + 1;
    const items = Object.entries(style.decisions).filter(([key]) => counts[key]).map(([key, color]) =>
      this.entry(key === 'close' ? symbol('circle', 4, app.several ? color : app.color('closed'), { cross: true }) : key === 'inactive' ? symbol('circle', 4.5, '#ffffff', { dashed: true }) : symbol('circle', 5, color), app.t(`decision.${key}`), counts[key], 'unit.schools'));
    return h('div', { class: 'scale' }, h('h3', {}, this.of(app.t('legend.decision'), plan)), h('ul', {}, items));
  }

  tiers(plan) {
    const { app } = this, { change, state } = app, { style } = app.data, items = [];
    const fill = ['load', 'decision'].includes(state.theme) ? '#ffffff' : app.color('school');
    for (const [key, tier] of Object.entries(style.tiers)) {
      const n = plan.schools.tier.filter((x, i) => x === key && plan.schools.open[i]).length;
      if (n) items.push(this.entry(symbol(tier.shape, 5.5, fill), app.word(tier), n, 'unit.schools'));
    }
    const closed = plan.schools.decision.filter((x) => x === 'close').length, idle = plan.schools.open.filter((x) => !x).length - closed;
    if (closed) items.push(this.entry(symbol('circle', 4, app.several ? style.decisions.close : app.color('closed'), { cross: true }), app.t('legend.closed'), closed, 'unit.schools'));
    if (idle > 0) items.push(this.entry(symbol('circle', 4.5, '#ffffff', { dashed: true }), app.t('legend.inactive'), idle, 'unit.schools'));
    for (const [key, color] of Object.entries(style.decisions)) {
      const n = plan.schools.decision.filter((x) => x === key).length;
      if (n && !UNRINGED.includes(key) && state.theme !== 'decision') items.push(this.entry(symbol('circle', 4, fill, { ring: color }), app.t(`decision.${key}`), n, 'unit.schools'));
    }
    if (change && change.receiving.length) items.push(this.entry(symbol('circle', 4, fill, { ring: style.decisions.open }), app.t('legend.receiving'), change.receiving.length, 'unit.schools'));
    const scale = app.views ? app.views[app.views.length - 1].symbols : 1;
    const sizes = SIZES.map((n) => h('span', {}, symbol('circle', radius(n) * scale, fill), app.popups.number(n)));
    return h('div', { class: 'scale two' }, h('h3', {}, this.of(app.t('legend.tier'), plan)), h('ul', {}, items), h('p', { class: 'sizes' }, sizes, app.t('legend.size')));
  }

  /* The lists of villages: those beyond the limit, or those whose way grows and shrinks most. */
  villages() {
    const { app } = this, { theme } = app.state;
    if (theme === 'limit') return this.ranked('list.beyond', 'list.beyond.none', app.plan.beyond.map((row) => this.beyond(row)));
    if (theme !== 'change' || !app.change || !app.change.worst) return [];
    const losers = this.ranked('cmp.table', 'cmp.table.none', app.change.worst.map((row) => this.moved(row)));
    return app.change.best.length ? [...losers, ...this.ranked('cmp.best', '', app.change.best.map((row) => this.moved(row)))] : losers;
  }

  ranked(title, none, rows) {
    return [h('h2', {}, this.app.t(title)), rows.length ? h('ol', {}, rows) : h('p', {}, this.app.t(none))];
  }

  row(row, name, sub, much, small) {
    const { app } = this, { bands } = app.data.style, count = row.pupils === null ? app.popups.people(NaN) : app.popups.number(row.pupils);
    return h('li', {}, h('button', { type: 'button', disabled: row.village < 0, onclick: () => { app.setBand(row.band); app.selectVillage(row.village, true); } },
      h('span', { class: 'what' }, h('b', {}, name || '—'), h('small', {}, app.word(bands[row.band]), ' · ', count, app.t('unit.pupils') && ` ${app.t('unit.pupils')}`), h('small', {}, sub)),
      h('span', { class: 'much' }, h('b', { class: much.startsWith('−') ? 'less' : '' }, much), small && h('small', {}, small))));
  }

  moved(row) {
    const { t } = this.app, change = row.change === null ? t('legend.nobody') : `${row.change < 0 ? '−' : '+'}${Math.abs(row.change).toFixed(0)}`;
    return this.row(row, row.name, `${row.from || '—'} → ${row.to || '—'}`, change, row.change !== null && `${row.before.toFixed(0)} → ${row.after.toFixed(0)} ${t('unit.min')}`);
  }

  beyond(row) {
    const { app } = this, { geo } = app.data;
    return this.row(row, geo.villages[row.village].name, row.to < 0 ? '' : geo.schools[row.to].name, row.over === null ? app.t('legend.nobody') : `+${row.over.toFixed(0)}`, row.over !== null && app.t('unit.min'));
  }

  downloads() {
    const { app } = this, save = (kind) => h('button', { type: 'button', onclick: () => new Sheets(app).save(kind) }, app.t(`save.${kind}`));
    return h('div', { class: 'downloads' }, h('h2', {}, app.t('save.title')), h('div', {}, save('schools'), app.data.geo.villages.length > 0 && save('villages')));
  }

  foot() {
    const { app } = this, { meta, basemap } = app.data, { t } = app;
    const line = (key, value) => value && h('p', {}, `${t(key)}${app.state.lang === 'zh' ? '：' : ': '}${value}`);
    return h('footer', {}, line('head.source', meta.source), line('head.approval', app.approval), meta.privacy > 0 && h('p', {}, t('head.privacy', { n: meta.privacy })), h('p', {}, t('head.fictitious')), basemap && basemap.credit && line('base.title', basemap.credit), basemap && basemap.datum === 'gcj02' && h('p', {}, t('base.gcj02')), h('p', {}, `${t('head.made')} · Leaflet`));
  }
}
