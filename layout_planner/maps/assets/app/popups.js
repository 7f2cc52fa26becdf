const SERVED = 10;

/* What a click says. Every popup is a small table; with two plans, one column each. */
class Popups {
  constructor(app) {
    this.app = app;
  }

  number(value, digits) {
    if (value === null || value === undefined || Number.isNaN(value)) return '—';
    const [whole, ...part] = value.toFixed(digits || 0).split('.');
    return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...part].join('.');
  }

  unit(value, key, digits) {
    const text = this.number(value, digits), unit = this.app.t(key);
    return text === '—' || !unit ? text : `${text} ${unit}`;
  }

  share(value) {
    return value === null || value === undefined ? '—' : `${(100 * value).toFixed(value > 0.9995 || value < 0.0005 ? 0 : 1)}%`;
  }

  distance(metres) {
    if (Number.isNaN(metres) || metres === null) return '—';
    return metres < 1000 ? this.unit(metres, 'unit.m') : this.unit(metres / 1000, 'unit.km', 1);
  }

  people(value) {
    const { privacy } = this.app.data.meta;
    return Number.isNaN(value) ? this.app.t('pop.few', { n: privacy }) : this.number(Math.round(value * 10) / 10, value < 1 && value % 1 ? 1 : 0);
  }

  head(title, sub, badge) {
    return h('header', {}, h('h3', {}, title), h('p', {}, sub, badge));
  }

  columns(rows, heads) {
    const body = rows.map(([name, ...cells]) =>
      h('tr', {}, h('th', { scope: 'row' }, name), cells.map((cell) => h('td', {}, cell))));
    return h('table', {}, heads && h('thead', {}, h('tr', {}, h('td', {}), heads.map((x) => h('th', { scope: 'col' }, x)))), h('tbody', {}, body));
  }

  school(i) {
    const { app } = this, { t } = app, base = app.data.geo.schools[i], plans = app.pair;
    const last = app.plan.schools;
    const decision = last.decision[i];
    const badge = h('span', { class: 'badge', style: `--dot:${app.data.style.decisions[decision] || '#888'}` }, t(`decision.${decision}`));
    const row = (name, show) => [name, ...plans.map((plan) => show((column) => plan.schools[column][i], plan))];
    const whileOpen = (show) => (v, plan) => (plan.schools.open[i] ? show(v) : '—');
    const rows = [
      row(t('pop.grades'), whileOpen((v) => (v('grade_from') ? t('pop.grades.value', { a: v('grade_from'), b: v('grade_to') }) : '—'))),
      row(t('pop.pupils'), (v) => this.unit(v('pupils'), 'unit.pupils')),
    ];
    app.data.style.bands.forEach((band) => {
      if (plans.some((plan) => plan.schools[band.column][i])) rows.push(row(h('span', { class: 'sub' }, app.word(band)), (v) => this.unit(v(band.column), 'unit.pupils')));
    });
    rows.push(
      row(t('pop.seats'), whileOpen((v) => this.unit(v('seats'), 'unit.pupils'))),
      row(t('pop.load'), (v) => this.flag(this.share(v('load')), v('load') > 1)),
      row(t('pop.classes'), whileOpen((v) => this.unit(v('classes'), 'unit.classes'))),
      row(t('pop.largest'), (v) => this.flag(this.unit(v('class_size_max'), 'unit.pupils'), v('class_size_max') >= 56)),
      row(t('pop.missing'), whileOpen((v) => this.unit(v('rooms_missing'), 'unit.rooms'))),
    );
    if (plans.some((plan) => plan.schools.beds[i] || plan.schools.boarders[i])) {
      rows.push(row(t('pop.beds'), (v) => `${this.number(v('boarders'))} / ${this.number(v('beds'))}`));
    }
    rows.push(
      row(t('pop.mean'), (v) => this.unit(v('minutes_mean'), 'unit.min', 0)),
      row(t('pop.longest'), (v) => this.unit(v('minutes_max'), 'unit.min', 0)),
    );
    const tier = app.data.style.tiers[last.tier[i]];
    const sub = [tier ? app.word(tier) : '', base.town].filter(Boolean).join(' · ');
    const why = last.why && last.why[i];
    return h('article', { class: 'card' }, this.head(base.name, sub, badge),
      why && h('p', { class: 'why' }, h('b', {}, t('pop.why')), ' ', app.word(why)),
      this.columns(rows, plans.length > 1 && app.heads()), this.served(i));
  }

  /* The villages whose pupils a school teaches (or taught, where the plan closes it), all bands together; most pupils first. */
  served(i) {
    const { app } = this, sums = new Map(), gone = app.before && !app.plan.schools.open[i];
    for (const { flows } of (gone ? app.before : app.plan).bands) {
      flows.school.forEach((school, k) => {
        if (school === i) sums.set(flows.village[k], (sums.get(flows.village[k]) || 0) + (flows.pupils[k] || 0));
      });
    }
    if (!sums.size) return null;
    const all = [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]), name = ([village]) => app.data.geo.villages[village].name;
    const links = all.slice(0, SERVED).map((one) => h('li', {}, h('button', { type: 'button', class: 'link', onclick: () => app.selectVillage(one[0], true) }, name(one)), h('small', {}, one[1] ? this.people(one[1]) : this.people(NaN))));
    return h('section', { class: 'served' }, h('h4', {}, app.t(gone ? 'pop.villages.gone' : 'pop.villages', { n: all.length })), h('ul', {}, links), all.length > SERVED && h('p', { class: 'more' }, all.slice(SERVED).map(name).join(app.state.lang === 'zh' ? '、' : ', ')));
  }

  flag(text, bad) {
    return bad ? h('strong', { class: 'bad' }, text) : text;
  }

  village(i) {
    const base = this.app.data.geo.villages[i];
    return this.where(base.name, [this.app.t('kind.village'), base.town].filter(Boolean).join(' · '), (band) => ({ ...band.villages, over: null, split: { [i]: this.schoolsOf(band, i) } }), i);
  }

  /* Where the pupils of a village go: schools and pupils, the school of most pupils first. */
  schoolsOf({ flows }, village) {
    const parts = [];
    flows.village.forEach((v, k) => { if (v === village) parts.push([flows.school[k], flows.pupils[k]]); });
    return parts;
  }

  cell(i) {
    const { app } = this, village = app.cells.village[i], base = village >= 0 ? app.data.geo.villages[village] : null;
    const title = base ? base.name : app.t('pop.place');
    const sub = [base ? app.t('pop.place') : '', base ? base.town : ''].filter(Boolean).join(' · ');
    return this.where(title, sub, (band) => band, i);
  }

  where(title, sub, pick, i) {
    const { app } = this, { t } = app, plans = app.pair, several = plans.length > 1;
    const blocks = app.data.style.bands.map((band, b) => {
      const rows = plans.map((plan) => this.way(pick(plan.bands[b]), i));
      if (rows.every((row) => row === null)) return null;
      const heads = several ? app.heads() : [''];
      const lines = rows.map((row, k) => row && h('tr', {}, several && h('th', { scope: 'row' }, heads[k]), h('td', { class: 'to' }, row.to), h('td', { class: 'num' }, row.time), h('td', { class: 'num' }, row.far), h('td', {}, row.mode)));
      const pupils = pick(app.plan.bands[b]).pupils[i];
      return h('section', { class: b === app.state.band ? 'now' : '' },
        h('h4', {}, app.word(band), h('span', {}, `${this.people(pupils)}${t('unit.pupils') ? ` ${t('unit.pupils')}` : ''}`)),
        h('table', {}, h('tbody', {}, lines)),
        rows.map((row) => row && row.more && h('p', { class: 'more' }, row.more)));
    });
    return h('article', { class: 'card place' }, this.head(title, sub, null), blocks);
  }

  way(columns, i) {
    const { app } = this, { t } = app, school = columns.school[i];
    if (school === -2) return null;
    if (school === -1) return { to: h('strong', { class: 'bad' }, t('pop.none')), time: '', far: '', mode: '' };
    const parts = columns.split[i];
    const others = parts ? parts.slice(1).map((part) => part[1]) : [], known = others.filter((n) => !Number.isNaN(n));
    const rest = known.reduce((sum, n) => sum + n, 0), few = known.length < others.length ? this.people(NaN) : '';
    const time = this.unit(columns.minutes[i], 'unit.min', 0);
    return {
      to: h('button', { type: 'button', class: 'link', onclick: () => app.selectSchool(school, true) }, app.data.geo.schools[school].name),
      time: columns.over && columns.over[i] > 0 ? h('strong', { class: 'bad', title: t('pop.beyond') }, time) : time,
      far: this.distance(columns.metres[i]),
      mode: t(`mode.${app.data.style.modes[columns.mode[i]]}`),
      more: rest >= 0.5 || few ? t('pop.more', { n: rest >= 0.5 ? Math.round(rest) : few }) : '',
    };
  }
}

/* The card over the map's corner that holds what a click says. */
class Card {
  constructor(app) {
    this.app = app;
    this.element = h('div', { class: 'dock', role: 'region', 'aria-live': 'polite', tabindex: '-1', hidden: true });
  }

  /* Whoever came by keyboard goes on in the card, and back to where they were when it is closed. */
  enter(back) {
    this.back = back;
    this.element.focus({ preventScroll: true });
  }

  show(content) {
    const close = h('button', { type: 'button', class: 'close', 'aria-label': this.app.t('tool.close'), onclick: () => this.app.select(null) }, '×');
    this.element.replaceChildren(close, content);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  hide() {
    const inside = this.element.contains(document.activeElement), back = inside && this.back && this.back();
    this.element.hidden = true;
    this.element.replaceChildren();
    if (back) back.focus({ preventScroll: true });
    this.back = null;
  }
}
