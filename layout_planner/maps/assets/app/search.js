/* Search by name, pinyin or initials: an ARIA combobox. */
class Search {
  constructor(app) {
    this.app = app;
    const { geo } = app.data;
    const entries = (list, kind) => list.map((x, i) => ({ kind, i, name: x.name, low: x.name.toLowerCase(), id: x.id, town: x.town || '', full: x.keys[0], first: x.keys[1] }));
    this.entries = [...entries(geo.schools, 'school'), ...entries(geo.villages, 'village'), ...entries(geo.townships, 'township')];
    this.element = h('div', { class: 'search', role: 'search' });
    this.found = [];
    this.at = -1;
  }

  render() {
    const { t } = this.app;
    this.list = h('ul', { id: 'found', role: 'listbox', 'aria-label': t('search.label'), hidden: true });
    this.input = h('input', { type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', 'aria-label': t('search.label'), placeholder: t('search.hint'), 'aria-expanded': 'false', 'aria-controls': 'found', 'aria-autocomplete': 'list',
      oninput: () => this.show(this.input.value), onkeydown: (event) => this.key(event), onblur: () => this.hide(), onfocus: () => this.input.value && this.show(this.input.value) });
    this.element.replaceChildren(svg('svg', { viewBox: '0 0 20 20', width: 18, height: 18, 'aria-hidden': 'true' }, svg('path', { d: 'M8.5 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM12.6 12.6 17 17', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linecap': 'round' })), this.input, this.list);
  }

  score(entry, text) {
    const { low, full, first, id } = entry;
    if (low === text || id === text) return 0;
    if (low.startsWith(text)) return 1;
    if (low.includes(text)) return 2;
    const plain = text.replace(/[\s']/g, '');
    if (!/^[a-z0-9]+$/.test(plain)) return 99;
    if (first.startsWith(plain)) return 3;
    if (full.startsWith(plain)) return 4;
    if (first.includes(plain)) return 5;
    if (full.includes(plain)) return 6;
    return id.startsWith(plain) ? 7 : 99;
  }

  find(raw) {
    const text = raw.trim().toLowerCase();
    if (!text) return [];
    return this.entries.map((entry) => [this.score(entry, text), entry]).filter(([s]) => s < 99)
      .sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length || (a[1].name < b[1].name ? -1 : 1)).slice(0, 12).map(([, entry]) => entry);
  }

  show(text) {
    const { t } = this.app;
    this.found = this.find(text);
    this.at = this.found.length ? 0 : -1;
    const items = this.found.map((entry, k) => h('li', { role: 'option', id: `found-${k}`, onmousedown: (event) => { event.preventDefault(); this.pick(k); } },
      h('span', {}, entry.name), h('small', {}, [t(`kind.${entry.kind}`), entry.town].filter(Boolean).join(' · '))));
    this.list.replaceChildren(...(items.length ? items : text.trim() ? [h('li', { class: 'none' }, t('search.none'))] : []));
    this.list.hidden = !this.list.children.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === this.at)));
    if (this.at >= 0) {
      this.input.setAttribute('aria-activedescendant', `found-${this.at}`);
      this.list.children[this.at].scrollIntoView({ block: 'nearest' });
    } else this.input.removeAttribute('aria-activedescendant');
  }

  hide() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }

  key(event) {
    if (event.isComposing) return;
    const n = this.found.length;
    if (event.key === 'Escape') {
      this.hide();
      this.input.value = '';
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && n) {
      event.preventDefault();
      this.at = (this.at + (event.key === 'ArrowDown' ? 1 : n - 1)) % n;
      this.mark();
    } else if (event.key === 'Enter' && this.at >= 0) {
      event.preventDefault();
      this.pick(this.at);
    }
  }

  pick(k) {
    const { kind, i, name } = this.found[k];
    this.input.value = name;
    this.hide();
    if (L.Browser.mobile) this.input.blur();
    if (kind === 'school') this.app.selectSchool(i, true);
    else if (kind === 'village') this.app.selectVillage(i, true);
    else this.app.goTownship(i);
  }
}
