// Finding what was said, and the album.
export default {
  'search.title': '대화 찾기',
  'search.in': '‘{room}’에서 찾기',
  'search.hint': '두 글자부터, 초성도 돼요',
  'search.begin': '무엇을 찾을까요?',
  'search.begin.text': '‘병원’을 ‘ㅂㅇ’처럼 첫소리만 적어도 찾아요.',
  'search.vague': '두 글자부터 찾을 수 있어요',
  'search.none': '찾지 못했어요',
  'search.none.text': '다른 말로 다시 찾아 볼까요?',
  'search.more': '더 찾기',
  'search.found.other': '{count}개 찾았어요',
  'album.title': '사진첩',
  'album.empty': '아직 사진이 없어요',
  'album.empty.text': '대화에 보낸 사진과 동영상이 여기에 모여요.',
  'album.send': '첫 사진 보내기',
  'album.stuck': '연결되면 사진을 불러올게요',
};
