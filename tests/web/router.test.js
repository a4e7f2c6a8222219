// Paths and the screens that they name.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { find, match } from '../../assets/router.js';
import { screens } from '../../assets/routes.js';

test('a path is matched part by part', () => {
  const cases = [
    ['/', '/', {}], ['/chat', '/chat', {}], ['/chat', '/chat/', {}], ['/chat', '/chat/1', null], ['/chat', '/', null],
    ['/join/:code', '/join/K7M2QX', { code: 'K7M2QX' }], ['/join/:code', '/join', null], ['/join/:code', '/join/%ED%95%9C', { code: '한' }],
    ['/join/:code', '/join/%', { code: '%' }],
    ['/chat/:rest*', '/chat', { rest: '' }], ['/chat/:rest*', '/chat/12/album', { rest: '12/album' }], ['/chat/:rest*', '/chats', null],
  ];
  for (const [pattern, path, expected] of cases) assert.deepEqual(match(pattern, path), expected, `${pattern} ${path}`);
});

test('every tab and every way in has its screen, and nothing else does', () => {
  for (const path of ['/', '/login', '/create', '/join', '/join/K7M2QX', '/pair', '/calendar', '/calendar/2026-11-21', '/chat', '/chat/3', '/child', '/settings', '/settings/look']) {
    assert.ok(find(path, '', screens).screen, path);
  }
  for (const path of ['/nowhere', '/login/x', '/api/v1/server', '/pair/1']) assert.equal(find(path, '', screens).screen, undefined, path);
});

test('what stands behind the question mark is kept', () => {
  assert.equal(find('/chat', '?at=12', screens).query.get('at'), '12');
});
