// Keeps the code of the member chosen last on this device, and tells it to a page that has none. Asks nothing of any host.
const KEY = 'corridors.member'
export default function ({ data, setStateValue }) {
  try {
    if (data.member) window.localStorage.setItem(KEY, data.member)
    else if (data.forget) window.localStorage.removeItem(KEY)
    else {
      const kept = window.localStorage.getItem(KEY)
      if (kept) setStateValue('member', kept) // saying nothing to a first visitor: each word starts the page anew
    }
  } catch {
    // a browser that keeps nothing between visits: the address still holds the member
  }
}
