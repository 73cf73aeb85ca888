// Runs before Streamlit's own program, on every page.

// Streamlit looks for its server below each page's address first, and would meet two of 404: it lies at the root.
window.__streamlit = { BACKEND_BASE_URL: location.origin };

// What a person chooses is an entry of its own, so that Back restores what was there before; what the page writes by itself
// (a code spelt out, a default) takes the place of the entry. Streamlit does it the other way round for its choosers.
(() => {
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  const at = (url) => new URL(url ?? location.href, location.href), member = (url) => at(url).searchParams.get('member');
  let back = 0, touched = false;
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = true }, true);
  addEventListener('popstate', () => { back = performance.now() }, true);
  history.pushState = (state, title, url) => {
    (touched && at(url).href !== location.href ? push : replace)(state, title, url);
  };
  history.replaceState = (state, title, url) => {
    const settled = performance.now() - back > 1500, before = member();
    (settled && before && member(url) && member(url) !== before ? push : replace)(state, title, url);
  };
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
