// A map as SVG: shows the drawing that the page names, and tells which route, place or member was clicked, tapped or chosen by
// key. It asks our own host for the drawing and nothing else; a drawing that is there already is not asked for again.
// Buttons (or the wheel with Ctrl) ask the page for a larger paper with names laid anew; dragging moves what is seen of it.
const KINDS = ['route', 'place', 'member']
const PICKED = [...KINDS.map((kind) => `[data-${kind}]`), '[data-above]'].join(', ')
const ZOOMS = [1, 2, 4]
const tapped = new WeakMap()

function named(target) {
  const part = target.closest && target.closest(PICKED)
  if (part && part.dataset.above) return `route:${part.dataset.above}`  // its number or a sign
  const kind = part && KINDS.find((kind) => part.dataset[kind])
  return kind ? `${kind}:${part.dataset[kind]}` : null
}

// What a tap means: the line or dot under it, else the nearest within a thumb's reach, else the land under it.
const REACH = [5, 10, 16, 22]
const TURNS = Array.from({ length: 12 }, (_, turn) => [Math.cos(turn * Math.PI / 6), Math.sin(turn * Math.PI / 6)])
function meant(holder, event) {
  const under = named(event.target)
  if (event.type !== 'click' || (under && !under.startsWith('member'))) return under
  const root = holder.getRootNode()
  for (const far of REACH) {
    for (const [x, y] of TURNS) {
      const part = root.elementFromPoint(event.clientX + far * x, event.clientY + far * y)
      const near = part && holder.contains(part) && named(part)
      if (near && (!under || !near.startsWith('member'))) return near
    }
  }
  return under
}

// A map is one stop of the Tab key, however much is on it; arrow keys lead from part to part.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
const stops = (holder) => [...holder.querySelectorAll('[tabindex]')].filter((part) => part.getClientRects().length)

function stopAt(parts, chosen) {
  for (const part of parts) part.setAttribute('tabindex', part === chosen ? '0' : '-1')
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
  for (const part of holder.querySelectorAll('[data-above]')) {
    part.setAttribute('opacity', selected && part.dataset.above !== selected ? '0.2' : '1')
  }
  const parts = stops(holder)
  stopAt(parts, parts.find((part) => selected && part.dataset.route === selected) || parts[0])
}

function paper(holder) {
  const pan = holder.querySelector('svg[data-pan]')
  const zoom = Number(holder.dataset.zoom)
  const { x, y, width, height } = pan.viewBox.baseVal
  return { pan, x, y, width, height, zoom, whole: [width * zoom, height * zoom] }
}

function look(holder, x, y) {
  const { pan, width, height, whole } = paper(holder)
  pan.viewBox.baseVal.x = Math.min(Math.max(x, 0), whole[0] - width)
  pan.viewBox.baseVal.y = Math.min(Math.max(y, 0), whole[1] - height)
}

// What lay in the middle lies there still; the whole is a share of the paper, whatever its size.
function middle(holder) {
  const { x, y, width, height, whole } = paper(holder)
  return [(x + width / 2) / whole[0], (y + height / 2) / whole[1]]
}

function button(holder, text, label, by) {
  const made = document.createElement('button')
  made.textContent = text
  made.dataset.by = by
  made.setAttribute('aria-label', label)
  Object.assign(made.style, {
    position: 'absolute', right: by > 0 ? '4px' : '52px', bottom: '4px', width: '44px', height: '44px', fontSize: '22px',
    borderRadius: '8px', border: '1px solid #8a97a3', background: 'Canvas', color: 'CanvasText', cursor: 'pointer', zIndex: 1
  })
  holder.appendChild(made)
}

export default function ({ data, parentElement, setTriggerValue }) {
  let holder = parentElement.querySelector('div[data-map]')
  if (!holder) {
    holder = document.createElement('div')
    holder.dataset.map = ''
    holder.style.position = 'relative'
    parentElement.appendChild(holder)
    const drawn = holder.appendChild(document.createElement('div'))
    drawn.dataset.drawn = ''
    if (data.zoom) {
      button(holder, '+', 'Enlarge the map', 1)
      button(holder, '−', 'Make the map smaller', -1)
    }
  }
  const drawn = holder.querySelector('div[data-drawn]')
  let drag = null
  const zoom = (by) => {
    const next = ZOOMS[ZOOMS.indexOf(data.zoom) + by]
    if (next) setTriggerValue('picked', `zoom:${next}`)
  }
  const pick = (event) => {
    if (event.type === 'keydown' && STEPS[event.key]) {
      const parts = stops(drawn), here = parts.indexOf(event.target.closest('[tabindex]'))
      const next = here < 0 ? null : parts[here + STEPS[event.key]]
      if (next) {
        event.preventDefault()
        stopAt(parts, next)
        next.focus()
      }
      return
    }
    if (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ') return
    const by = event.type === 'click' && event.target.dataset.by
    if (by) return zoom(Number(by))
    if (event.type === 'click' && drag && drag.moved) return
    const what = meant(holder, event)
    if (!what) return
    event.preventDefault()
    const { pan, whole } = paper(holder)
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(pan.getScreenCTM().inverse())
    if (event.type === 'click') tapped.set(holder, [at.x / whole[0], at.y / whole[1]])
    setTriggerValue('picked', what)
  }
  const wheel = (event) => {
    if (!event.ctrlKey || !data.zoom) return
    event.preventDefault()
    zoom(event.deltaY < 0 ? 1 : -1)
  }
  const move = (event) => {
    if (event.type === 'pointerdown') {
      drag = data.zoom > 1 ? { from: [event.clientX, event.clientY], at: paper(holder), moved: false } : null
    } else if (event.type === 'pointermove' && drag && event.buttons) {
      const by = [event.clientX - drag.from[0], event.clientY - drag.from[1]]
      drag.moved = drag.moved || Math.hypot(...by) > 5
      const unit = 1 / drag.at.pan.getScreenCTM().a
      if (drag.moved) look(holder, drag.at.x - by[0] * unit, drag.at.y - by[1] * unit)
    }
  }
  const events = { click: pick, keydown: pick, wheel, pointerdown: move, pointermove: move }
  for (const name in events) holder.addEventListener(name, events[name], { passive: false })
  const show = (svg) => {
    const closer = data.zoom > Number(holder.dataset.zoom || 1) && tapped.get(holder)  // enlarged where it was tapped last
    const before = closer || (drawn.firstChild && holder.dataset.zoom ? middle(holder) : [0.5, 0.5])
    drawn.innerHTML = svg
    drawn.firstChild.style.cssText = 'display:block;width:100%;max-height:78vh'
    holder.dataset.zoom = data.zoom || 1
    drawn.style.touchAction = data.zoom > 1 ? 'none' : ''
    const { width, height, whole } = paper(holder)
    look(holder, before[0] * whole[0] - width / 2, before[1] * whole[1] - height / 2)
    mark(drawn, data.selected, data.shown)
  }
  const lying = matchMedia('(min-aspect-ratio: 1/1)')
  const choose = () => {
    const { key, svg } = lying.matches ? data.wide : data.upright
    if (holder.dataset.drawing === key) return mark(drawn, data.selected, data.shown)
    holder.dataset.drawing = key
    if (svg) return show(svg)
    fetch(key)
      .then((answer) => answer.json())
      .then((drawing) => { if (holder.dataset.drawing === key) show(drawing.svg) })
      .catch(() => { holder.dataset.drawing = ''; drawn.textContent = data.alt })
  }
  choose()
  lying.addEventListener('change', choose)  // a tablet is turned
  return () => {
    lying.removeEventListener('change', choose)
    for (const name in events) holder.removeEventListener(name, events[name])
  }
}
