// Keeps the code of the member chosen last on this device in a cookie, or takes it away. Our server reads it as the next visit
// begins: a program that told it later would start the page anew, and could overtake a choice made meanwhile.
export default function ({ data }) {
  const days = data.member ? 365 : 0
  const secure = window.location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `${data.cookie}=${data.member}; path=/; max-age=${days * 86400}; samesite=strict${secure}`
}
