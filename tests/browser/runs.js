// Tells when the runs of the script that this page asked for have ended, by the messages of its websocket. A request
// waits here until the one before it has begun, as on a slower line: so each beginning belongs to one request. What a
// part of the page asks for itself, again and again, is not looked at.
{
  const RERUN = 11, FRAGMENT = 5 // fields of BackMsg and of its ClientState
  const METADATA = 2, RUN = 6, FRAGMENTS = 2, BEGUN = 4, ENDED = 6 // fields of ForwardMsg, its metadata and their run
  const EARLY = 2, OF_FRAGMENT = 3 // ForwardMsg.ScriptFinishedStatus
  const waiting = []
  let asked = false, due = false, running = false, again = false

  const field = (bytes, wanted) => {
    let at = 0
    const number = () => {
      for (let value = 0, weight = 1; ; weight *= 128) {
        const byte = bytes[at++]
        value += (byte & 127) * weight
        if (byte < 128) return value
      }
    }
    while (bytes && at < bytes.length) {
      const key = number()
      let value
      if ((key & 7) === 0) value = number()
      else if ((key & 7) === 2) { const length = number(); value = bytes.subarray(at, at += length) }
      else at += (key & 7) === 1 ? 8 : 4
      if (key >>> 3 === wanted) return value
    }
  }

  const send = WebSocket.prototype.send
  const pass = (socket, data) => {
    const request = field(data, RERUN)
    if (request && !field(request, FRAGMENT)) asked = due = true
    send.call(socket, data)
  }
  WebSocket.prototype.send = function (data) {
    if (due) waiting.push([this, data])
    else pass(this, data)
  }
  const hear = bytes => {
    const how = field(bytes, ENDED)
    if (field(bytes, BEGUN)) {
      again = false
      if (!field(field(field(bytes, METADATA), RUN), FRAGMENTS)) {
        running = true
        due = false
        while (waiting.length && !due) pass(...waiting.shift())
      }
    }
    if (how === EARLY) again = true // another run follows at once
    else if (how !== undefined && how !== OF_FRAGMENT) running = false
  }
  window.WebSocket = class extends WebSocket {
    constructor(...where) {
      super(...where)
      this.addEventListener('message', event => hear(new Uint8Array(event.data)))
    }
  }

  const drawn = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))
  // Whether, within so many ms, every run asked for has ended and is drawn; also one that an input asks for just now.
  window.runsEnd = async patience => {
    const end = performance.now() + patience
    for (let quiet = 0; quiet < 2; quiet = !asked || due || running || again ? 0 : quiet + 1) {
      if (performance.now() > end) return false
      await drawn()
    }
    return true
  }
}
