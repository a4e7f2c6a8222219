'use strict';
// The bytes of the wire, without a library that would tidy them: Engine.IO text frames, and HTTP paths as typed.
const http = require('node:http');
const WebSocket = require('ws');

/** One WebSocket of Engine.IO; `next()` resolves with its next text frame, heartbeats aside, `closed` with its close code. */
class Frames {
  static open(server, { headers } = {}) {
    const frames = new Frames();
    frames.socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, { headers });
    frames.queue = [];
    frames.waiting = [];
    frames.closed = new Promise((resolve) => frames.socket.once('close', resolve));
    frames.socket.on('message', (bytes) => {
      const text = bytes.toString();
      if (text === '2') return frames.send('3');
      const wait = frames.waiting.shift();
      return wait ? wait(text) : frames.queue.push(text);
    });
    return new Promise((resolve, reject) => {
      frames.socket.once('open', () => resolve(frames));
      frames.socket.once('unexpected-response', (request, response) => {
        response.resume();
        reject(Object.assign(new Error(`status ${response.statusCode}`), { status: response.statusCode }));
      });
      frames.socket.once('error', reject);
    });
  }

  send(text) { this.socket.send(text); }

  next(ms = 10_000) {
    if (this.queue.length) return Promise.resolve(this.queue.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no frame in ${ms} ms`)), ms);
      this.waiting.push((text) => { clearTimeout(timer); resolve(text); });
    });
  }

  close() { this.socket.terminate(); }
}

/** A request whose path and body nothing normalises: { status, headers, text, data }. */
function exactly(server, { method = 'GET', path, headers = {}, body }) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: response.headers, text, data: asJson(text), config: { method, url: path } });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function asJson(text) {
  try { return JSON.parse(text); } catch { return text; }
}

module.exports = { Frames, exactly };
