'use strict';
// What every answer wears, and the texts of the codes as the mobile app shows them.
const assert = require('node:assert/strict');

const TEXTS = {
  1400: '필수 필드가 누락되었습니다.',
  1401: 'query string 값이 올바르지 않습니다.',
  1402: '업로드할 파일이 존재하지 않습니다.',
  1500: '서버에서 요청을 처리할 수 없습니다.',
  1501: 'DB에 문제가 발생하였습니다.',
  2400: '인증에 실패하였습니다.',
  2403: '토큰이 만료되었습니다. 다시 로그인해주세요.',
  2500: '인증 서버에서 문제가 발생하였습니다.',
  3400: '닉네임은 2-10자 사이여야 합니다.',
  3402: '이미 가입된 사용자입니다.',
  3403: '사용자를 찾을 수 없습니다.',
  3404: '역할은 DAD, MOM 중 하나여야 합니다.',
  4400: '날짜 형식이 유효하지 않습니다.',
  4401: '색상은 RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE 중 하나여야 합니다.',
  4402: 'isCompleted는 true 또는 false여야 합니다.',
  4403: 'scheduleId는 숫자여야 합니다.',
  4404: '존재하지 않는 일정입니다.',
  5400: '이미 배우자가 등록되어 있어 초대코드를 발급할 수 없습니다.',
  5401: '초대코드가 유효하지 않거나 만료되었습니다.',
  5402: '이미 커플로 연결되어 있습니다.',
  5403: '커플 정보를 찾을 수 없습니다.',
  6400: 'limit은 최소 1, 최대 50까지만 설정할 수 있습니다.',
};
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The literal text of a success: that key order, and no `data` key when there is nothing. */
function success(data) {
  return JSON.stringify({ code: '0000', message: 'SUCCESS', ...(data === undefined ? {} : { data }) });
}

/** The answer is a success whose whole body is this one. */
function answers(answer, status, data) {
  assert.equal(answer.text, success(data));
  assert.equal(answer.status, status);
}

/** The answer is a success of this status; returns its data. */
function data(answer, status = 200) {
  assert.equal(answer.status, status, `${answer.config?.method} ${answer.config?.url}: ${answer.text}`);
  assert.equal(answer.data.code, '0000');
  assert.equal(answer.data.message, 'SUCCESS');
  return answer.data.data;
}

/** A failure's body is exactly a code and a text, one of `codes` and its own Korean sentence. */
function isFailure(body, ...codes) {
  assert.deepEqual(Object.keys(body), ['code', 'message'], JSON.stringify(body));
  assert.ok(codes.flat().map(String).includes(body.code), `expected ${codes.flat()}, got ${JSON.stringify(body)}`);
  assert.match(body.message, /\S/);
  if (TEXTS[body.code]) assert.equal(body.message, TEXTS[body.code]);
}

/** The request was refused with this status and one of the codes. */
function refuses(answer, status, ...codes) {
  const about = `${answer.config?.method} ${answer.config?.url} ${answer.config?.data ?? ''}`.slice(0, 300);
  assert.ok([status].flat().includes(answer.status), `${about}: expected ${status} ${codes}, got ${answer.status} ${answer.text}`);
  assert.equal(typeof answer.data, 'object', `${about}: ${answer.text}`);
  isFailure(answer.data, ...codes);
  assert.match(answer.headers['content-type'], /^application\/json/);
}

/** An ack is a success; returns its data. */
function acked(ack) {
  assert.equal(ack?.code, '0000', JSON.stringify(ack));
  assert.equal(ack.message, 'SUCCESS');
  return ack.data;
}

module.exports = { TEXTS, INSTANT, success, answers, data, refuses, isFailure, acked };
