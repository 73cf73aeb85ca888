// A map as SVG: shows the drawing that the page names, and tells which route or member was clicked, tapped or chosen by key.
// It asks our own host for the drawing and nothing else; a drawing that is there already is not asked for again.
const PICKED = '[data-route], [data-member]'

function named(target) {
  const part = target.closest && target.closest(PICKED)
  if (!part) return null
  return part.dataset.route ? `route:${part.dataset.route}` : `member:${part.dataset.member}`
}

function mark(holder, selected, shown) {
  const seen = shown && new Set(shown)
  for (const part of holder.querySelectorAll('[data-of]')) {
    part.style.display = !seen || part.dataset.of.split(' ').some((id) => seen.has(id)) ? '' : 'none'
  }
  for (const part of holder.querySelectorAll(PICKED)) part.style.cursor = 'pointer'
  for (const route of holder.querySelectorAll('g[data-route]')) {
    route.style.display = !seen || seen.has(route.dataset.route) ? '' : 'none'
    const aside = selected && route.dataset.route !== selected
    if (aside) route.setAttribute('opacity', '0.2')
    else route.removeAttribute('opacity')
    route.setAttribute('aria-pressed', String(!aside && Boolean(selected)))
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let holder = parentElement.querySelector('div[data-map]')
  if (!holder) {
    holder = document.createElement('div')
    holder.dataset.map = ''
    parentElement.appendChild(holder)
  }
  const pick = (event) => {
    if (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ') return
    const what = named(event.target)
    if (!what) return
    event.preventDefault()
    setTriggerValue('picked', what)
  }
  holder.addEventListener('click', pick)
  holder.addEventListener('keydown', pick)
  const show = (svg) => {
    holder.innerHTML = svg
    mark(holder, data.selected, data.shown)
  }
  if (data.svg) {
    if (holder.dataset.drawing !== data.key) show(data.svg)
    else mark(holder, data.selected, data.shown)
    holder.dataset.drawing = data.key
  } else if (holder.dataset.drawing === data.address) {
    mark(holder, data.selected, data.shown)
  } else {
    holder.dataset.drawing = data.address
    fetch(data.address)
      .then((answer) => answer.json())
      .then((drawing) => { if (holder.dataset.drawing === data.address) show(drawing.svg) })
      .catch(() => { holder.dataset.drawing = ''; holder.textContent = data.alt })
  }
  return () => {
    holder.removeEventListener('click', pick)
    holder.removeEventListener('keydown', pick)
  }
}
