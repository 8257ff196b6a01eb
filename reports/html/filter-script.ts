/** The part of `report.js` that filters the overview. */
export const filterScript = `
const form = document.querySelector('form.filter');
if (form !== null) {
  form.hidden = false;
  const features = Array.from(form.elements.feature.options).slice(1).map(({ value }) => value);
  const targets = Array.from(form.elements.target.options).slice(1).map(({ value }) => value);
  let rows = null;
  const read = () => Array.from(document.querySelectorAll('#matrix section')).flatMap((section) =>
    Array.from(section.querySelectorAll('tbody tr'), (row) => ({
      row, section, area: section.dataset.area, needs: row.dataset.n.split(' '), level: row.cells[1].textContent,
      verdicts: Array.from(row.cells).slice(2).map(({ className }) => className),
      text: (row.cells[0].textContent + ' ' + row.dataset.s).toLowerCase(),
    })));
  const wanted = () => {
    const data = new FormData(form);
    return { q: data.get('q'), area: data.get('area'), target: data.get('target'), feature: data.get('feature'),
      level: data.get('level'), verdict: data.getAll('verdict').join(','), differ: data.get('differ') };
  };
  const show = () => {
    const { q, area, target, feature, level, verdict, differ } = wanted();
    const filtered = [q, area, target, feature, level, verdict, differ].some((value) => value);
    if (!filtered && rows === null) return;
    rows = rows ?? read();
    const words = q.toLowerCase().split(/\\s+/);
    const need = feature === '' ? null : String(features.indexOf(feature));
    const column = targets.indexOf(target);
    const chosen = verdict === '' ? null : verdict.split(',');
    const used = new Set();
    let count = 0;
    for (const item of rows) {
      const ran = item.verdicts.filter((one) => one !== 'none');
      const verdicts = column < 0 ? item.verdicts : [item.verdicts[column]];
      const fits = (area === '' || item.area === area) && (level === '' || item.level === level)
        && (need === null || item.needs.includes(need)) && words.every((word) => item.text.includes(word))
        && (chosen === null ? column < 0 || verdicts[0] !== 'none' : verdicts.some((one) => chosen.includes(one)))
        && (!differ || ran.some((one) => one !== ran[0]));
      item.row.hidden = !fits;
      if (fits) { count += 1; used.add(item.section); }
    }
    for (const section of document.querySelectorAll('#matrix section')) section.hidden = !used.has(section);
    document.querySelector('#count').textContent = String(count);
    document.querySelector('#none').hidden = count > 0;
  };
  const restore = () => {
    const from = state();
    const verdicts = (from.get('verdict') ?? '').split(',');
    form.elements.q.value = from.get('q') ?? '';
    for (const name of ['area', 'target', 'feature', 'level']) form.elements[name].value = from.get(name) ?? '';
    for (const name of ['area', 'target', 'feature', 'level']) if (form.elements[name].selectedIndex < 0) form.elements[name].value = '';
    for (const box of form.elements.verdict) box.checked = verdicts.includes(box.value);
    form.elements.differ.checked = from.get('differ') === '1';
    show();
  };
  form.addEventListener('input', () => { remember(wanted()); show(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(() => { remember(wanted()); show(); }));
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); form.elements.q.focus(); }
  });
  listeners.push(restore);
  const names = ['q', 'area', 'target', 'feature', 'level', 'verdict', 'differ'];
  listeners.push(() => { if (names.some((name) => state().has(name)) && window.scrollY === 0) document.querySelector('#cases').scrollIntoView(); });
  const leads = (event) => event.target instanceof Element && event.target.closest('.areas a') !== null;
  document.addEventListener('click', (event) => { if (leads(event)) document.querySelector('#cases').scrollIntoView(); });
}
`;
