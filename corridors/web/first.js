// Runs before Streamlit's own program, on every page.

// Streamlit looks for its server below each page's address first, and would meet two of 404: it lies at the root.
window.__streamlit = { BACKEND_BASE_URL: location.origin };

// What a person chooses is an entry of its own, so that Back restores what was there before; what the page writes by itself
// (a code spelt out, a default, the second step of a choice) takes the place of the entry. Streamlit does it the other way
// round for its choosers.
(() => {
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  const at = (url) => new URL(url ?? location.href, location.href);
  const keys = ['member', 'with', 'part', 'action_part', 'view', 'theme'];
  const choices = (url) => keys.map((key) => at(url).searchParams.get(key) ?? '').join();
  let touched = false; // since the last entry was made or left
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = true }, true);
  addEventListener('popstate', () => { touched = false }, true);
  const write = (chosen) => (state, title, url) => {
    const entry = touched && chosen(url);
    if (entry) touched = false;
    (entry ? push : replace)(state, title, url);
  };
  history.pushState = write((url) => at(url).href !== location.href);
  history.replaceState = write((url) => choices(url) !== choices());
})();

// On paper a chart keeps the shape that it has on the screen, and takes the width that there is.
addEventListener('beforeprint', () => {
  for (const chart of document.querySelectorAll('.js-plotly-plot .svg-container')) {
    const { width, height } = chart.getBoundingClientRect();
    if (!width) continue;
    chart.style.aspectRatio = `${width} / ${height}`;
    for (const drawing of chart.querySelectorAll('.main-svg')) {
      if (!drawing.hasAttribute('viewBox')) drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    }
  }
});
