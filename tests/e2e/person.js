'use strict';
// A person with a phone: axios for REST, socket.io-client for sockets, as the mobile app has them.
const axios = require('axios');
const { io } = require('socket.io-client');
const { randomUUID } = require('node:crypto');

let nextKakaoId = 7_000_000;

class Person {
  constructor(server, tokens = {}) {
    this.server = server;
    Object.assign(this, tokens);
    this.sockets = [];
  }

  /** Signs up as the app does: Kakao login, sign-up. Resolves with tokens and user set. */
  static async signUp(server, nickname = '아빠', role = 'DAD', kakaoId = ++nextKakaoId) {
    const person = new Person(server, { kakaoId });
    const login = await person.post('/auth/login', { accessToken: `k-${kakaoId}` });
    if (!login.data.data?.needSignup) throw new Error(`unexpected login: ${JSON.stringify(login.data)}`);
    const answer = await person.post('/auth/signup', { kakaoId, nickname, role });
    if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${JSON.stringify(answer.data)}`);
    const { accessToken, refreshToken, user } = answer.data.data;
    return Object.assign(person, { accessToken, refreshToken, user, id: user.userId });
  }

  /** Two people paired through an invite code: [anna (MOM, the inviter), ben (DAD)]. */
  static async couple(server) {
    const anna = await Person.signUp(server, '안나', 'MOM');
    const ben = await Person.signUp(server, '벤벤', 'DAD');
    await ben.joins(anna);
    return [anna, ben];
  }

  async joins(inviter) {
    const invite = await inviter.post('/couples/invite-code');
    if (invite.status !== 201) throw new Error(`invite: ${JSON.stringify(invite.data)}`);
    const joined = await this.post('/couples/join', { inviteCode: invite.data.data.inviteCode });
    if (joined.status !== 200) throw new Error(`join: ${JSON.stringify(joined.data)}`);
  }

  /** Any request; never throws for a status. `token: null` sends none. The body is in `data`, as it came in `text`. */
  async request(method, path, { data, headers = {}, token = this.accessToken, ...rest } = {}) {
    const url = path.startsWith('http') ? path : this.server.api + path;
    const answer = await axios.request({
      method, url, data, validateStatus: () => true, timeout: 30_000, proxy: false, transformResponse: (text) => text,
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers }, ...rest,
    });
    return typeof answer.data === 'string' ? Object.assign(answer, { text: answer.data, data: parsed(answer.data) }) : answer;
  }
  get(path, options) { return this.request('get', path, options); }
  post(path, data, options) { return this.request('post', path, { data, ...options }); }
  patch(path, data, options) { return this.request('patch', path, { data, ...options }); }
  put(path, data, options) { return this.request('put', path, { data, ...options }); }
  delete(path, options) { return this.request('delete', path, options); }

  /** Uploads as the app does: multipart, one part named `file`. `content` is a Buffer. */
  upload(content, name = 'photo.jpg', { type = 'application/octet-stream', field = 'file', ...options } = {}) {
    const form = new FormData();
    form.append(field, new Blob([content], { type }), name);
    return this.post('/files', form, { maxBodyLength: Infinity, maxContentLength: Infinity, ...options });
  }

  /** Follows a link as anybody who has it could: no token, bytes as they come. */
  open(url, { method = 'get', headers, ...options } = {}) {
    const absolute = url.startsWith('/') ? this.server.url + url : url;
    return axios.request({ method, url: absolute, headers, responseType: 'arraybuffer', validateStatus: () => true, timeout: 30_000, decompress: false, ...options });
  }

  /** The rooms as GET /rooms has them; `roomOfKind('COUPLE')` is the couple's. */
  async roomOfKind(kind) {
    return (await this.get('/rooms')).data.data.find((room) => room.kind === kind);
  }

  /** An unconnected socket with a record of all it hears in `socket.heard` ([event, ...args]). */
  socket(namespace, { transports = ['websocket'], token = this.accessToken, ...rest } = {}) {
    const socket = io(this.server.url + namespace, { transports, autoConnect: false, forceNew: true, reconnection: false, auth: { token }, ...rest });
    socket.heard = [];
    socket.waiting = [];
    socket.onAny((event, ...args) => {
      socket.heard.push([event, ...args]);
      socket.waiting = socket.waiting.filter((wait) => !wait());
    });
    this.sockets.push(socket);
    return socket;
  }

  /** Connects to /chats as the app does; resolves once the server has let the socket in. */
  async chats(options) {
    const socket = this.socket('/chats', options);
    socket.connect();
    await hears(socket, 'update_read_status', (id) => id === this.id);
    return socket;
  }

  /** Connects to /rooms; resolves when connected, rejects on connect_error. */
  async rooms(options) {
    const socket = this.socket('/rooms', options);
    await new Promise((resolve, reject) => { socket.once('connect', resolve); socket.once('connect_error', reject); socket.connect(); });
    return socket;
  }

  leaveAll() { this.sockets.forEach((socket) => socket.disconnect()); }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}

/** Resolves with the first argument of the next (or an already heard, unseen) `event` that `matches`. */
function hears(socket, event, matches = () => true, ms = 10_000) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const at = socket.heard.findIndex(([name, ...args]) => name === event && matches(...args));
      if (at < 0) return false;
      const [[, first]] = socket.heard.splice(at, 1);
      clearTimeout(timer);
      resolve(first);
      return true;
    };
    const timer = setTimeout(() => reject(new Error(`did not hear ${event} in ${ms} ms; heard ${JSON.stringify(socket.heard.slice(-5))}`)), ms);
    if (!look()) socket.waiting.push(look);
  });
}

/** Emits with an ack and resolves with the envelope. */
function ask(socket, event, payload, ms = 10_000) {
  return socket.timeout(ms).emitWithAck(event, payload);
}

module.exports = { Person, hears, ask, uuid: randomUUID };
