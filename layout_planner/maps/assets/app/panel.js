/* The side panel: title, figures, choices, legend, foot. */
class Panel {
  constructor(app, element) {
    this.app = app;
    this.element = element;
  }

  render() {
    const { app } = this, { t } = app;
    this.legend = h('section', { class: 'legend', 'aria-live': 'polite' });
    this.element.setAttribute('aria-label', t('panel.toggle'));
    const body = h('div', { class: 'body' },
      app.data.change ? this.comparison() : this.figures(),
      app.data.change && this.choice('mode', t('cmp.mode'), ['side', 'swipe', 'change'].map((k) => [k, t(`cmp.${k}`)]), (k) => app.setMode(k)),
      this.choice('band', t('band.title'), app.data.style.bands.map((band, i) => [i, app.word(band)]), (i) => app.setBand(Number(i))),
      this.legend,
      this.switches(),
      this.choice('color', t('color.title'), ['load', 'classes', 'decision'].map((k) => [k, t(`color.${k}`)]), (k) => app.setColor(k)),
      app.data.change && this.worst(),
      this.foot());
    this.handle = h('button', { type: 'button', class: 'handle', 'aria-expanded': String(!app.state.folded), onclick: () => app.fold(!app.state.folded) }, h('span', {}, app.state.folded ? t('panel.show') : t('panel.hide')));
    this.element.replaceChildren(this.head(), this.handle, body);
    this.renderLegend();
  }

  folded(on) {
    this.element.classList.toggle('folded', on);
    this.handle.setAttribute('aria-expanded', String(!on));
    this.handle.firstChild.textContent = this.app.t(on ? 'panel.show' : 'panel.hide');
  }

  head() {
    const { meta } = this.app.data, { app } = this;
    return h('header', { class: 'title' },
      h('div', { class: 'bar' }, h('span', { class: 'stamp' }, meta.approval), h('button', { type: 'button', class: 'lang', lang: app.state.lang === 'zh' ? 'en' : 'zh-CN', onclick: () => app.setLang(app.state.lang === 'zh' ? 'en' : 'zh') }, app.t('lang.other'))),
      h('h1', {}, meta.title),
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
    const { headline } = this.app.data.plans[0];
    return h('dl', { class: 'figures' }, Object.keys(headline).filter((key) => key !== 'none' || headline.none > 0).map((key) =>
      h('div', { class: (key === 'none' || key === 'large') && headline[key] > 0 ? 'bad' : '' }, h('dt', {}, this.app.t(`ind.${key}`)), h('dd', {}, this.value(key, headline[key])))));
  }

  comparison() {
    const { app } = this, [before, after] = app.data.plans.map((plan) => plan.headline);
    const better = { within: 1, mean: -1, large: -1, none: -1, small: 0, open: 0, pupils: 0 };
    const rows = Object.keys(after).filter((key) => key !== 'none' || before.none || after.none).map((key) => {
      const change = before[key] === null || after[key] === null ? 0 : Math.sign(after[key] - before[key]);
      const grade = change * better[key];
      return h('tr', {}, h('th', { scope: 'row' }, app.t(`ind.${key}`)), h('td', {}, this.value(key, before[key])), h('td', { class: grade > 0 ? 'good' : grade < 0 ? 'bad' : '' }, this.value(key, after[key])), h('td', { class: 'arrow', 'aria-hidden': 'true' }, change > 0 ? '▲' : change < 0 ? '▼' : ''));
    });
    return h('table', { class: 'versus' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, app.t('cmp.indicator')), app.data.plans.map((plan) => h('th', { scope: 'col' }, plan.label)), h('td', {}))), h('tbody', {}, rows));
  }

  choice(name, title, options, pick) {
    const now = String(this.app.state[name]);
    return h('fieldset', { class: `choice ${name}` }, h('legend', {}, title), h('div', {}, options.map(([key, text]) => {
      const input = h('input', { type: 'radio', name, value: String(key), checked: String(key) === now, onchange: () => pick(key) });
      return h('label', {}, input, h('span', {}, text));
    })));
  }

  sync() {
    for (const input of this.element.querySelectorAll('input[type=radio]')) input.checked = input.value === String(this.app.state[input.name]);
    for (const input of this.element.querySelectorAll('input[type=checkbox]')) input.checked = this.app.state.layers[input.name];
    this.renderLegend();
  }

  switches() {
    const { app } = this, { geo } = app.data;
    const names = ['cells', 'catch', 'schools', 'labels', 'villages', 'townships', 'roads', 'rivers'].filter((name) => !(name in geo) || geo[name].length || name === 'cells');
    return h('fieldset', { class: 'switches' }, h('legend', {}, app.t('layer.title')), names.map((name) =>
      h('label', {}, h('input', { type: 'checkbox', name, checked: app.state.layers[name], onchange: (event) => app.setLayer(name, event.target.checked) }), h('span', {}, app.t(`layer.${name}`)))));
  }

  renderLegend() {
    const { app } = this, { t, state } = app, { style } = app.data, parts = [];
    const plan = app.data.plans[app.data.plans.length - 1], band = app.word(style.bands[state.band]);
    if (state.layers.cells && state.mode === 'change') {
      parts.push(this.classes(t('legend.change', { band }), style.change, app.data.change.bands[state.band].counts, 'unit.pupils', 'square'));
    } else if (state.layers.cells) {
      const counts = plan.bands[state.band].counts;
      parts.push(this.classes(t('legend.minutes', { band }), style.minutes, counts, 'unit.pupils', 'square', counts[counts.length - 1] > 0));
    }
    if (state.layers.schools) {
      if (state.color === 'decision') parts.push(this.decisions(plan));
      else parts.push(this.classes(t(`legend.${state.color}`), style[state.color], plan.counts[state.color], 'unit.schools', 'circle'));
      parts.push(this.tiers(plan));
    }
    this.legend.replaceChildren(h('h2', { class: 'unseen' }, t('legend.title')), ...parts);
  }

  entry(mark, text, count, unit) {
    const { popups, t } = this.app;
    return h('li', {}, h('span', { class: 'mark' }, mark), h('span', { class: 'text' }, text), count !== null && h('span', { class: 'count' }, popups.number(count), t(unit) && h('small', {}, t(unit))));
  }

  classes(title, scale, counts, unit, shape, nobody) {
    const swatch = (color, border) => h('span', { class: `swatch ${shape}`, style: `background:${color};${border ? `border-color:${border}` : ''}` });
    const items = scale.colors.map((color, k) => this.entry(swatch(color), scale[this.app.state.lang][k], counts[k], unit));
    if (nobody) items.push(this.entry(swatch('#fff', this.app.color('warn')), this.app.t('legend.nobody'), counts[counts.length - 1], unit));
    return h('div', { class: 'scale' }, h('h3', {}, title), h('ul', {}, items));
  }

  decisions(plan) {
    const { app } = this, { style, change } = app.data;
    const counts = {};
    for (const decision of plan.schools.decision) counts[decision] = (counts[decision] || 0) + 1;
    const items = Object.entries(style.decisions).filter(([key]) => counts[key]).map(([key, color]) =>
      this.entry(key === 'close' ? symbol('circle', 4, change ? color : app.color('closed'), { cross: true }) : symbol('circle', 5, color), app.t(`decision.${key}`), counts[key], 'unit.schools'));
    return h('div', { class: 'scale' }, h('h3', {}, app.t('legend.decision')), h('ul', {}, items));
  }

  tiers(plan) {
    const { app } = this, { style, change } = app.data, items = [];
    for (const [key, tier] of Object.entries(style.tiers)) {
      const n = plan.schools.tier.filter((x, i) => x === key && plan.schools.open[i]).length;
      if (n) items.push(this.entry(symbol(tier.shape, 5.5, '#ffffff'), app.word(tier), n, 'unit.schools'));
    }
    const closed = plan.schools.decision.filter((x) => x === 'close').length, idle = plan.schools.open.filter((x) => !x).length - closed;
    if (closed) items.push(this.entry(symbol('circle', 4, change ? style.decisions.close : app.color('closed'), { cross: true }), app.t('legend.closed'), closed, 'unit.schools'));
    if (idle > 0) items.push(this.entry(symbol('circle', 4.5, '#ffffff', { dashed: true }), app.t('legend.inactive'), idle, 'unit.schools'));
    if (change && change.receiving.length) items.push(this.entry(symbol('circle', 4, '#ffffff', { ring: style.decisions.open }), app.t('legend.receiving'), change.receiving.length, 'unit.schools'));
    return h('div', { class: 'scale two' }, h('h3', {}, app.t('legend.tier')), h('ul', {}, items));
  }

  worst() {
    const { app } = this, { worst } = app.data.change, { bands } = app.data.style;
    const rows = worst.map((row) => h('li', {}, h('button', { type: 'button', disabled: row.village < 0, onclick: () => { app.setBand(row.band); app.selectVillage(row.village, true); } },
      h('span', { class: 'what' }, h('b', {}, row.name || '—'), h('small', {}, app.word(bands[row.band]), ' · ', row.pupils === null ? app.t('pop.few', { n: app.data.meta.privacy }) : row.pupils, app.t('unit.pupils') && ` ${app.t('unit.pupils')}`), h('small', {}, `${row.from || '—'} → ${row.to || '—'}`)),
      h('span', { class: 'much' }, h('b', {}, row.change === null ? app.t('legend.nobody') : `+${row.change.toFixed(0)}`), row.change !== null && h('small', {}, `${row.before.toFixed(0)} → ${row.after.toFixed(0)} ${app.t('unit.min')}`)))));
    return h('section', { class: 'worst' }, h('h2', {}, app.t('cmp.table')), worst.length ? h('ol', {}, rows) : h('p', {}, app.t('cmp.table.none')));
  }

  foot() {
    const { app } = this, { meta, basemap } = app.data, { t } = app;
    const line = (key, value) => value && h('p', {}, `${t(key)}${app.state.lang === 'zh' ? '：' : ': '}${value}`);
    return h('footer', {}, line('head.source', meta.source), line('head.approval', meta.approval), meta.privacy > 0 && h('p', {}, t('head.privacy', { n: meta.privacy })), h('p', {}, t('head.fictitious')), basemap && basemap.credit && line('base.title', basemap.credit), h('p', {}, `${t('head.made')} · Leaflet`));
  }
}
