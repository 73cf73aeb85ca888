// Says that readers were given another edition than the one on this page, in one line that stays until it is tapped or the page
// is drawn anew. Asks our own host for a few bytes, every four seconds while the page is looked at.
const EVERY = 4000
const line = document.createElement('div')
line.setAttribute('role', 'status')
line.style.cssText = `position:fixed;left:50%;bottom:12px;transform:translateX(-50%);z-index:99;display:none;gap:12px;
  align-items:center;width:max-content;max-width:calc(100vw - 24px);padding:4px 6px 4px 16px;border-radius:8px;border:1px solid #8a97a3;
  background:Canvas;color:CanvasText;font:inherit;box-shadow:0 2px 8px #0004`
const said = line.appendChild(document.createElement('span'))
const show = line.appendChild(document.createElement('button'))
show.textContent = 'Show it'
show.style.cssText = 'min-height:44px;padding:0 14px;font:inherit;font-weight:600;color:inherit;background:none;border:0;' +
  'text-decoration:underline;cursor:pointer;white-space:nowrap'

export default function ({ data, parentElement, setTriggerValue }) {
  let waiting = null, over = false
  parentElement.appendChild(line)
  line.style.display = 'none'
  show.onclick = () => setTriggerValue('show', true)
  const ask = async () => {
    clearTimeout(waiting)
    if (document.hidden) return // asked again as soon as somebody looks
    try {
      const answer = await fetch('/newest.json')
      if (answer.status === 204) return // signed out, or nothing to read
      const newest = await answer.json()
      if (over) return // the page was drawn anew meanwhile
      if (newest.edition !== data.edition) {
        const at = new Date(newest.since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
        said.textContent = `Another edition was published at ${at}.`
        line.style.display = 'flex'
        return
      }
    } catch {
      // the network is away for a moment
    }
    if (!over) waiting = setTimeout(ask, EVERY)
  }
  waiting = setTimeout(ask, EVERY)
  document.addEventListener('visibilitychange', ask)
  return () => {
    over = true
    clearTimeout(waiting)
    document.removeEventListener('visibilitychange', ask)
    line.remove()
  }
}
