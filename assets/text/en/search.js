// Finding what was said, and the album.
export default {
  'search.title': 'Search chats',
  'search.in': 'Search in “{room}”',
  'search.hint': 'Two letters are enough',
  'search.begin': 'What are you looking for?',
  'search.begin.text': 'Two letters are enough; in Korean the first sounds will do (ㅂㅇ finds 병원).',
  'search.vague': 'Two letters at least',
  'search.none': 'Nothing found',
  'search.none.text': 'Maybe in other words?',
  'search.more': 'Search on',
  'search.found.one': '{count} found',
  'search.found.other': '{count} found',
  'album.title': 'Album',
  'album.empty': 'No photos yet',
  'album.empty.text': 'Photos and videos that you send in this chat gather here.',
  'album.send': 'Send the first one',
  'album.stuck': 'Your photos load as soon as the line is back',
};
