// What the server's answers about rooms look like, and what is on its way there; types alone.

/**
 * @typedef {object} Message
 * @property {number} roomId
 * @property {number} id  its number in its room
 * @property {number} rev
 * @property {number} senderId
 * @property {string | null} clientId
 * @property {string} type  TEXT IMAGE VIDEO FILE SCHEDULE SYSTEM DELETED, or one of a newer server
 * @property {string} content
 * @property {string} sentAt
 * @property {string} [editedAt]
 * @property {number} unreadCount
 * @property {string} [mediaId]
 * @property {string} [url]
 * @property {string} [thumbnailUrl]
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [durationMs]
 * @property {number} [size]
 * @property {string} [mime]
 * @property {string} [thumbhash]
 * @property {Quote} [replyTo]
 * @property {Reaction[]} [reactions]  the first one first
 * @property {Card} [schedule]  with SCHEDULE
 * @property {Line} [system]  with SYSTEM
 *
 * @typedef {{ id: number, senderId?: number, type?: string, content?: string, thumbnailUrl?: string }} Quote  the number alone where I may not see it
 * @typedef {{ emoji: string, userIds: number[] }} Reaction
 * @typedef {{ scheduleId: number, title: string, date: string, time: string, allDay: boolean, color: string, isCompleted: boolean, deleted?: boolean }} Card
 * @typedef {{ event: 'created' | 'invited' | 'came' | 'left' | 'removed' | 'renamed', userIds?: number[], title?: string }} Line
 *
 * @typedef {{ userId: number, nickname: string, role: string, avatarUrl: string | null, lastReadId: number, rev?: number, left?: boolean }} RoomMember
 *
 * @typedef {{ roomId: number, kind: string, title: string | null, rev: number, members: RoomMember[], lastMessage: Message | null,
 *   unreadCount: number, muted: boolean, archived: boolean, isOwner: boolean, present: number[] }} Room
 *
 * @typedef {{ roomId: number, userId: number, fromId: number, lastReadId: number, readCount: number, rev: number, entered?: boolean }} Info  `entered`: came in, rather than read on
 */

/**
 * @typedef {object} Unsent
 * @property {string} clientId  with it the server takes a message once, however often it is sent
 * @property {number} roomId
 * @property {number} order
 * @property {'TEXT' | 'IMAGE' | 'VIDEO' | 'FILE' | 'SCHEDULE'} type
 * @property {string} at  when it was written, by this device's clock
 * @property {'waiting' | 'failed'} state
 * @property {string} [code]  why it failed
 * @property {string} [content]
 * @property {Quote} [replyTo]
 * @property {Card} [schedule]
 * @property {Blob} [blob]
 * @property {Blob} [poster]
 * @property {string} [name]
 * @property {string} [mime]
 * @property {number} [size]
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [durationMs]
 * @property {string} [mediaId]  once it is uploaded
 */

export {};
