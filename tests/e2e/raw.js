'use strict';
// HTTP and WebSocket by the byte, for what no decent library would send.
const net = require('node:net');
const { randomBytes } = require('node:crypto');

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const SOCKET_PATH = '/socket.io/?EIO=4&transport=websocket';
/** In place of a status: a server that hangs up on what it will not read to its end resets the connection, and the reset may
 * overtake its answer (RFC 9112, section 9.6). */
const CUT_OFF = 'cut off';

/** One frame as a client sends it. `length` lies about the payload's; `rsv` sets reserved bits. */
function frame(opcode, payload = '', { fin = true, mask = true, rsv = 0, length } = {}) {
  const body = Buffer.from(payload);
  const size = length ?? body.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  if (size < 126) head.push(size);
  else if (size < 65_536) head.push(126, size >> 8, size & 255);
  else { const big = Buffer.alloc(8); big.writeBigUInt64BE(BigInt(size)); head.push(127, ...big); }
  if (!mask) return Buffer.concat([Buffer.from(head), body]);
  head[1] |= 0x80;
  const key = randomBytes(4);
  for (let at = 0; at < body.length; at += 1) body[at] ^= key[at & 3];
  return Buffer.concat([Buffer.from(head), key, body]);
}

/** A TCP connection that keeps all it hears; `ended` resolves when it is over, whoever ended it. */
class Raw {
  static async connect(server, { localAddress } = {}) {
    const { hostname, port } = new URL(server.url);
    const raw = new Raw();
    raw.tcp = net.connect({ host: hostname, port: Number(port), localAddress });
    raw.bytes = Buffer.alloc(0);
    raw.looks = [];
    raw.tcp.on('data', (chunk) => { raw.bytes = Buffer.concat([raw.bytes, chunk]); raw.look(); });
    raw.ended = new Promise((resolve) => raw.tcp.once('close', () => { raw.over = true; raw.look(); resolve(); }));
    await new Promise((resolve, reject) => raw.tcp.once('connect', resolve).once('error', reject));
    raw.tcp.setNoDelay(true).on('error', () => {});
    return raw;
  }

  /** Writes one request whose bytes are exactly these; `status` is the answer's, or CUT_OFF. */
  static async ask(server, bytes) {
    const raw = await Raw.connect(server);
    raw.write(bytes);
    const { status } = await raw.head().catch((error) => {
      if (raw.over) return { status: CUT_OFF };
      throw error;
    });
    return { raw, status };
  }

  look() { this.looks = this.looks.filter((look) => !look()); }

  /** Resolves with what `find` makes of the bytes so far, as soon as it is not undefined. */
  wait(find, ms, what) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined && !this.over) return false;
        clearTimeout(timer);
        if (found === undefined) reject(new Error(`connection over before ${what}; got ${this.bytes.toString('latin1').slice(0, 300)}`));
        else resolve(found);
        return true;
      };
      const timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
      if (!look()) this.looks.push(look);
    });
  }

  write(data) { if (!this.over) this.tcp.write(data); }
  close() { this.tcp.destroy(); }

  /** The head of the answer: { status, head }. */
  async head(ms = 10_000) {
    const end = await this.wait(() => { const at = this.bytes.indexOf('\r\n\r\n'); return at < 0 ? undefined : at; }, ms, 'answer');
    const head = this.bytes.subarray(0, end).toString('latin1');
    this.bytes = this.bytes.subarray(end + 4);
    return { status: Number(head.split(' ')[1]), head };
  }
}

/** A WebSocket by hand. `texts` holds the texts heard, `closeCode` the code of a close frame. */
class RawSocket extends Raw {
  /** Opens it; `status` tells how the server answered (101 or why not). Answers pings as a phone does. */
  static async open(server, { path = SOCKET_PATH, headers = '', localAddress } = {}) {
    const socket = Object.setPrototypeOf(await Raw.connect(server, { localAddress }), RawSocket.prototype);
    const key = randomBytes(16).toString('base64');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
      + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${headers}\r\n`);
    Object.assign(socket, await socket.head());
    socket.texts = [];
    if (socket.status === 101) {
      socket.looks.unshift(() => { socket.parse(); return false; });
      socket.parse();
    }
    return socket;
  }

  /** Opens it and is let into a namespace. */
  static async enter(server, namespace, token, options) {
    const socket = await RawSocket.open(server, options);
    await socket.hears((text) => text.startsWith('0{'));
    socket.text(`40${namespace},${JSON.stringify({ token })}`);
    await socket.hears((text) => text.startsWith(`40${namespace},`));
    return socket;
  }

  parse() {
    for (let one = this.cutFrame(); one; one = this.cutFrame()) {
      if (one.opcode === OPCODE.close) this.closeCode = one.payload.length >= 2 ? one.payload.readUInt16BE(0) : 1005;
      if (one.opcode !== OPCODE.text) continue;
      const text = one.payload.toString();
      if (text === '2') this.text('3');
      else this.texts.push(text);
    }
  }

  cutFrame() {
    if (this.bytes.length < 2) return undefined;
    let size = this.bytes[1] & 127;
    let start = 2;
    if (size === 126) { start = 4; size = this.bytes.length < 4 ? Infinity : this.bytes.readUInt16BE(2); }
    else if (size === 127) { start = 10; size = this.bytes.length < 10 ? Infinity : Number(this.bytes.readBigUInt64BE(2)); }
    if (this.bytes.length < start + size) return undefined;
    const one = { opcode: this.bytes[0] & 15, payload: this.bytes.subarray(start, start + size) };
    this.bytes = this.bytes.subarray(start + size);
    return one;
  }

  text(text) { this.write(frame(OPCODE.text, text)); }

  /** The first text heard that `matches`. */
  hears(matches, ms = 10_000) {
    return this.wait(() => this.texts.find(matches), ms, `text ${matches}`);
  }
}

module.exports = { Raw, RawSocket, frame, OPCODE, SOCKET_PATH, CUT_OFF };
