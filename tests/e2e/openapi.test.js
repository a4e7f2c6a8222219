'use strict';
// The API's description of itself, held against the executable: it is valid, its examples work, and what is answered is in it.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { data } = require('./envelope.js');

const JSON_TYPE = 'application/json';
/** Examples that need nothing but a fresh server and those before them: [operation, status]. */
const WORKING = [
  ['registration_password_signup', 201], ['accounts_password_login', 201], ['couples_change_profile', 200], ['couples_change', 200],
  ['couples_invite', 201], ['chat_send', 201], ['accounts_change_password', 200], ['registration_kakao_login', 201], ['registration_kakao_signup', 201],
];

let server, stranger, anna, document;

before(async () => {
  server = await Server.start();
  stranger = new Person(server);
  anna = Object.assign(new Person(server), data(await stranger.post('/auth/password/signup', {
    loginId: 'owner', password: 'a quiet meadow at 4', nickname: '안나', role: 'MOM' }), 201));
  document = (await stranger.get('/openapi.json')).data;
});
after(() => server.stop());

function operations() {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })));
}

const operation = (id) => operations().find(({ operationId }) => operationId === id);
const url = (path, value = 1) => server.url + path.replace(/\{\w+\}/g, value);
const body = ({ requestBody }) => requestBody?.content[JSON_TYPE]?.example;

/** The answer's status is described, and its code under that status. */
function isDescribed({ method, path, responses }, answer) {
  const about = `${method} ${path} answered ${answer.status} ${answer.text}`;
  const described = responses[answer.status];
  assert.ok(described, about);
  if (answer.status < 300 || !answer.data?.code) return;
  const codes = described.content[JSON_TYPE].schema.allOf[1].properties.code.enum;
  assert.ok(codes.includes(answer.data.code), about);
}

test('the description is valid OpenAPI 3.1', async () => {
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  const validator = new Validator();
  const { valid, errors = [] } = await validator.validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors).slice(0, 2_000));
  assert.equal(validator.version, '3.1');
});

test('null is taken where the description says so, and nowhere else', async () => {
  const resolved = (schema) => (schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)] : schema);
  const isNullable = ({ type, oneOf = [] }) => [type, ...oneOf.map((form) => form.type)].flat().includes('null');
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', date: '2026-11-30' }), 201);
  // Who is born has a birth date; anything else may be missing.
  const { childId } = data(await anna.post('/children', { status: 'BORN', birthDate: '2026-11-01' }), 201);
  const cases = [
    ['patch', '/api/v1/schedules/{id}', scheduleId], ['patch', '/api/v1/children/{id}', childId, { birthDate: 400 }],
    ['patch', '/api/v1/couples/me'], ['patch', '/api/v1/users/me'], ['post', '/api/v1/schedules', 0, {}, { title: 'x', date: '2026-11-30' }],
    ['post', '/api/v1/rooms', 0, {}, { title: '우리' }],
  ];
  for (const [method, path, id, own = {}, needed = {}] of cases) {
    const { properties } = resolved(document.paths[path][method].requestBody.content[JSON_TYPE].schema);
    for (const [name, schema] of Object.entries(properties)) {
      const { status, text } = await anna.request(method, url(path, id), { data: { ...needed, [name]: null } });
      const expected = own[name] ?? (isNullable(schema) ? (method === 'post' ? 201 : 200) : 400);
      assert.equal(status, expected, `${method} ${path} ${name}: ${text}`);
    }
  }
});

test('every example fits what it is an example of', () => {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  // Whole and once: what many schemas refer to is not compiled for each of them.
  ajv.addSchema(document, 'api');
  let seen = 0;
  const escaped = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
  const fits = (place, examples) => examples.forEach((example) => {
    const validate = ajv.compile({ $ref: `api#/${place.map(escaped).join('/')}` });
    assert.ok(validate(example), `${place}: ${JSON.stringify(example)} ${JSON.stringify(validate.errors)}`);
    seen += 1;
  });
  const value = (example) => (example.$ref ? document.components.examples[example.$ref.split('/').pop()] : example).value;
  for (const { path, method, responses, requestBody } of operations()) {
    const bodies = Object.entries(responses).map(([status, response]) => [['responses', status], response]);
    for (const [place, { content = {} }] of [...bodies, [['requestBody'], requestBody ?? {}]]) {
      for (const [type, { example, examples }] of Object.entries(content)) {
        fits(['paths', path, method, ...place, 'content', type, 'schema'], example === undefined ? Object.values(examples ?? {}).map(value) : [example]);
      }
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) fits(['components', 'schemas', name], schema.examples ?? []);
  assert.ok(seen > 300, `${seen}`);
});

test('it is the document itself, and not sent twice to who has it', async () => {
  const first = await stranger.get('/openapi.json');
  assert.match(first.headers['content-type'], /^application\/json/);
  assert.equal(first.data.code, undefined);
  const again = await stranger.get('/openapi.json', { headers: { 'If-None-Match': first.headers.etag } });
  assert.equal(again.status, 304);
});

test('who is not signed in is answered as described, everywhere', async () => {
  let closed = 0;
  for (const route of operations()) {
    const answer = await stranger.request(route.method, url(route.path), { data: body(route) });
    isDescribed(route, answer);
    if (route.security) continue;
    assert.equal(answer.data.code, '2400', `${route.method} ${route.path}`);
    closed += 1;
  }
  assert.ok(closed >= 17, `${closed}`);
});

test('a body that is none, too long or no JSON is refused as described', async () => {
  const routes = operations().filter((route) => body(route));
  assert.ok(routes.length > 9);
  for (const route of routes) {
    const send = (sent, type = JSON_TYPE, headers = {}) =>
      anna.request(route.method, url(route.path), { data: sent, headers: { 'content-type': type, ...headers } });
    for (const answer of [await send('{'), await send('[]'), await send('a=1', 'text/plain'), await send(`"${'x'.repeat(70_000)}"`),
      await send('{}', JSON_TYPE, { origin: 'https://elsewhere.example' })]) {
      assert.ok(answer.status >= 400, `${route.method} ${route.path}: ${answer.text}`);
      isDescribed(route, answer);
    }
  }
});

test('every header, path and query that is nonsense is answered as described', async () => {
  for (const route of operations().filter(({ operationId }) => !['accounts_logout', 'couples_withdraw'].includes(operationId))) {
    const query = (route.parameters || []).filter((parameter) => parameter.in === 'query');
    const nonsense = query.map(({ name }) => `${name}=x`).join('&');
    isDescribed(route, await anna.request(route.method, `${url(route.path, 'x')}?${nonsense}`, { data: body(route) }));
  }
});

test('the examples work on a fresh server', async () => {
  const fresh = await Server.start();
  try {
    let person = new Person(fresh);
    for (const [id, status] of WORKING) {
      const { method, path, responses, ...route } = operation(id);
      const room = path.includes('/rooms/') ? (await person.roomOfKind('SELF')).roomId : 1;
      const answer = await person.request(method, fresh.url + path.replace('{id}', room), { data: body(route) });
      assert.equal(answer.status, status, `${id}: ${answer.text}`);
      const { properties } = responses[status].content[JSON_TYPE].schema;
      assert.deepEqual(Object.keys(answer.data).sort(), Object.keys(properties).sort(), id);
      if (answer.data.data?.accessToken) person = Object.assign(new Person(fresh), answer.data.data);
    }
  } finally {
    await fresh.stop();
  }
});
