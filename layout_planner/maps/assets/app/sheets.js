/* The map's numbers as tables that Excel and WPS open: made here, nothing is fetched. */
class Sheets {
  constructor(app) {
    this.app = app;
  }

  header(kind) {
    const pairs = Object.values(this.app.data.columns[kind]), titles = pairs.map((pair) => pair[this.app.state.lang === 'zh' ? 0 : 1]);
    return this.app.several ? [this.app.t('plan.title'), ...titles] : titles;
  }

  rows(kind) {
    const { app } = this, out = [this.header(kind)];
    for (const plan of app.data.plans) for (const row of this[kind](plan)) out.push(app.several ? [app.label(plan), ...row] : row);
    return out;
  }

  schools(plan) {
    const { app } = this, { t } = app, columns = plan.schools, numbers = Object.keys(app.data.columns.schools).slice(6);
    const tier = (i) => (app.data.style.tiers[columns.tier[i]] ? app.word(app.data.style.tiers[columns.tier[i]]) : '');
    return app.data.geo.schools.map((school, i) => [school.id, school.name, school.town, tier(i), t(`decision.${columns.decision[i]}`), t(columns.open[i] ? 'yes' : 'no'), ...numbers.map((name) => columns[name][i])]);
  }

  villages(plan) {
    const { app } = this, { geo, style } = app.data, rows = [];
    const known = (value, digits) => (Number.isNaN(value) ? '' : Number(value.toFixed(digits)));
    geo.villages.forEach((village, v) => plan.bands.forEach((band, b) => {
      const { school, mode, minutes, metres, pupils } = band.villages, to = geo.schools[school[v]];
      if (school[v] === -2) return;
      rows.push([village.id, village.name, village.town, app.word(style.bands[b]), Number.isNaN(pupils[v]) ? app.popups.people(NaN) : known(pupils[v], 1),
        to ? to.id : '', app.t(`mode.${style.modes[mode[v]]}`), known(minutes[v], 1), known(metres[v], 0)]);
    }));
    return rows;
  }

  /* A text that a spreadsheet would take for a formula is kept a text. */
  cell(value) {
    if (value === null || value === undefined) return '';
    const text = typeof value === 'string' && /^[=+@\t\r-]/.test(value) && value !== '—' ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  csv(kind) {
    return `\ufeff${this.rows(kind).map((row) => row.map((value) => this.cell(value)).join(',')).join('\r\n')}\r\n`;
  }

  save(kind) {
    const url = URL.createObjectURL(new Blob([this.csv(kind)], { type: 'text/csv;charset=utf-8' }));
    const name = `${this.app.title}-${this.app.t(`save.${kind}`)}.csv`.replace(/[\\/:*?"<>|]+/g, ' ');
    h('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}
