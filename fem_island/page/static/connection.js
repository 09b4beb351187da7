// The way to the server: questions as JSON, answers as frames.
import { unpacked } from "page/frames.js";

const TRY_AGAIN_LATER = 1013;
const LONGEST_PAUSE = 5000;

export class Connection {
  // answered(header, arrays); changed(words or null) says whether there is a server.
  constructor(answered, changed) {
    this.answered = answered;
    this.changed = changed;
    this.pause = 250;
    this.waiting = new Map();
    this.open();
  }

  open() {
    const address = new URL("live", document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    address.hash = "";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.pause = 250;
      this.changed(null);
      for (const message of this.waiting.values()) socket.send(JSON.stringify(message));
      this.waiting.clear();
    };
    socket.onmessage = ({ data }) => {
      const { header, arrays } =
        typeof data === "string" ? { header: JSON.parse(data), arrays: {} } : unpacked(data);
      this.answered(header, arrays);
    };
    socket.onclose = ({ code }) => {
      const full = code === TRY_AGAIN_LATER;
      this.changed(full
        ? "The server has as many pages as it takes; close one of them."
        : "The server does not answer: it ends with its terminal. Start it again for a new address.");
      setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    };
    this.socket = socket;
  }

  // Of what cannot be sent yet only the newest of each kind is kept.
  ask(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    else this.waiting.set(message.kind, message);
  }
}
