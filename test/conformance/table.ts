/** What an application can do with the official SDK, and what it must see: a row for each method and each event. */
export interface Group {
  readonly group: string;
  /** Public methods (without their aliases), and server actions for which there is no method. */
  readonly methods: readonly string[];
  /** Events and outcomes that the affected clients must see. */
  readonly events: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);
/** Rooms are administered by the same methods as groups, under their own names. */
const forBoth = (kind: 'Group' | 'ChatRoom', text: string) => words(text.replaceAll('{Kind}', kind));

const ADMINISTRATION = `set{Kind}Admin remove{Kind}Admin get{Kind}Admin mute{Kind}Member unmute{Kind}Member get{Kind}Mutelist
  isIn{Kind}Mutelist block{Kind}Member block{Kind}Members unblock{Kind}Member unblock{Kind}Members get{Kind}Blocklist
  disableSend{Kind}Msg enableSend{Kind}Msg addUsersTo{Kind}Allowlist remove{Kind}AllowlistMember get{Kind}Allowlist isIn{Kind}Allowlist`;
const ADMINISTRATION_EVENTS = words(`setAdmin removeAdmin muteMember unmuteMember unblockMember muteAllMembers unmuteAllMembers
  addUserToAllowlist removeAllowlistMember`);

export const table: readonly Group[] = [
  {
    group: 'Session',
    methods: words('open-by-password open-by-token close isOpened registerUser renewToken setLoginInfoCustomExt getSelfIdsOnOtherPlatform onShow'),
    events: words(`onConnected onDisconnected onReconnecting onError onTokenWillExpire onTokenExpired onOnline onOffline
      onOfflineMessageSyncStart onOfflineMessageSyncFinish onStatisticMessage`),
  },
  { group: 'Forced end', methods: [], events: ['207 user removed', '206 other device', '216 password changed', '217 kicked', 'onDisconnected without reconnect'] },
  {
    group: 'Send and receive',
    methods: [...words('txt img audio video file loc cmd custom combine').map((type) => `send ${type}`), 'downloadAndParseCombineMessage'],
    events: words(`onTextMessage onImageMessage onAudioMessage onVideoMessage onFileMessage onLocationMessage onCmdMessage
      onCustomMessage onCombineMessage onMessage onReceivedMessage`),
  },
  { group: 'Send options', methods: words('deliverOnlineOnly receiverList priority msgConfig.allowGroupAck isChatThread to-one-resource'), events: [] },
  {
    group: 'Send errors',
    methods: [],
    events: [
      '603 blocked', '605 group not found', '602 not in group or room', '506 not in white list', '221 not a contact', '608 group is disabled',
      '504 exceed recall time limit', '505 message recall disabled', '50 limit directed users', '50 edit limit reached', '1302 message does not exist',
      '603 no permission', '1303 format is incorrect', '505 edit is not available', '1304 edit fail', '705 room does not exist', '204 unknown user',
      '704 member list is full', '603 cannot join, in the blacklist', '508 moderation', '-3 group ID illegal', '50 too many rooms', '500 auto create failed',
      '503 anything else', '501 sensitive words', '219 user is mute', '509 traffic limit', '511 data is too large', '507 muted in group or room',
      '502 external callback', '604 other codes',
    ],
  },
  { group: 'Acks', methods: ['send read', 'send delivery', 'send channel', 'getGroupMsgReadUser'], events: words('onReadMessage onDeliveredMessage onChannelMessage') },
  { group: 'Recall and edit', methods: words('recallMessage modifyMessage'), events: words('onRecallMessage onModifiedMessage') },
  {
    group: 'History',
    methods: words('getHistoryMessages fetchHistoryMessages removeHistoryMessages deleteAllMessagesAndConversations'),
    events: ['onMultiDeviceEvent deleteRoaming'],
  },
  {
    group: 'Conversations',
    methods: words(`getServerConversations getServerPinnedConversations getServerConversationsByFilter getConversationlist getSessionList
      pinConversation deleteConversation addConversationMark removeConversationMark`),
    events: words('pinnedConversation unpinnedConversation deleteConversation markConversation unMarkConversation').map((one) => `onMultiDeviceEvent ${one}`),
  },
  { group: 'Pinned messages', methods: words('pinMessage unpinMessage getServerPinnedMessages'), events: ['onMessagePinEvent'] },
  { group: 'Reactions', methods: words('addReaction deleteReaction getReactionList getReactionDetail'), events: ['onReactionChange'] },
  {
    group: 'Contacts',
    methods: words('addContact deleteContact acceptContactInvite declineContactInvite getContacts getAllContacts getContactsWithCursor setContactRemark'),
    events: words('onContactInvited onContactAgreed onContactRefuse onContactDeleted onContactAdded'),
  },
  { group: 'Block list', methods: words('getBlocklist addUsersToBlocklist removeUserFromBlocklist'), events: ['603 for a blocked sender'] },
  { group: 'User attributes', methods: words('updateUserInfo fetchUserInfoById updateCurrentUserNick'), events: [] },
  {
    group: 'Groups: life',
    methods: words(`createGroup getGroupInfo modifyGroup destroyGroup changeGroupOwner getJoinedGroups getGroup getJoinedGroupsCount
      getPublicGroups blockGroupMessages blockGroupMessage unblockGroupMessage`),
    events: words('create updateInfo destroy changeOwner'),
  },
  {
    group: 'Groups: membership',
    methods: words(`inviteUsersToGroup acceptGroupInvite rejectGroupInvite joinGroup acceptGroupJoinRequest rejectGroupJoinRequest
      leaveGroup removeGroupMember removeGroupMembers listGroupMembers getGroupMembers`),
    events: words(`inviteToJoin acceptInvite rejectInvite requestToJoin acceptRequest joinPublicGroupDeclined directJoined
      memberPresence memberAbsence removeMember`),
  },
  { group: 'Groups: roles and sanctions', methods: forBoth('Group', ADMINISTRATION), events: ADMINISTRATION_EVENTS },
  {
    group: 'Groups: content',
    methods: words(`updateGroupAnnouncement fetchGroupAnnouncement uploadGroupSharedFile downloadGroupSharedFile deleteGroupSharedFile
      getGroupSharedFilelist setGroupMemberAttributes getGroupMemberAttributes getGroupMembersAttributes`),
    events: words('updateAnnouncement deleteAnnouncement uploadFile deleteFile memberAttributesUpdate'),
  },
  {
    group: 'Rooms: life and presence',
    methods: words(`getChatRooms createChatRoom destroyChatRoom getChatRoomDetails modifyChatRoom joinChatRoom leaveChatRoom
      getJoinedChatRooms addUsersToChatRoom`),
    events: words('memberPresence memberAbsence destroy updateInfo'),
  },
  { group: 'Rooms: administration', methods: forBoth('ChatRoom', ADMINISTRATION), events: ADMINISTRATION_EVENTS },
  {
    group: 'Room attributes',
    methods: words('setChatRoomAttribute setChatRoomAttributes removeChatRoomAttribute removeChatRoomAttributes getChatRoomAttributes'),
    events: words('updateChatRoomAttributes removeChatRoomAttributes').map((one) => `onChatroomEvent ${one}`),
  },
  {
    group: 'Threads',
    methods: words(`createChatThread joinChatThread leaveChatThread destroyChatThread changeChatThreadName getChatThreadMembers
      removeChatThreadMember getJoinedChatThreads getChatThreads getChatThreadDetail getChatThreadLastMessage`),
    events: ['create', 'update', 'destroy', 'userRemove', 'onMultiDeviceEvent chatThread'],
  },
  {
    group: 'Presence',
    methods: words('publishPresence subscribePresence unsubscribePresence getPresenceStatus getSubscribedPresenceList'),
    events: ['onPresenceStatusChange'],
  },
  {
    group: 'Do not disturb',
    methods: words(`setSilentModeForAll getSilentModeForAll setSilentModeForConversation clearRemindTypeForConversation
      getSilentModeForConversation getSilentModeForConversations getSilentModeRemindTypeConversations setPushPerformLanguage getPushPerformLanguage`),
    events: ['onMultiDeviceEvent setSilentMode', 'onMultiDeviceEvent removeSilentMode'],
  },
  { group: 'Push token', methods: words('uploadPushToken unbindPushToken'), events: [] },
  { group: 'Translation, report', methods: words('translateMessage getSupportedLanguages reportMessage'), events: ['translations in sent messages'] },
  { group: 'Speech', methods: words('voiceMessageToText voiceFileToText'), events: [] },
  { group: 'RTC helpers', methods: words('getRTCToken getUserIdByRTCUIds'), events: [] },
];

/** All rows as `group / item`. */
export function rows(): string[] {
  return table.flatMap(({ group, methods, events }) => [...methods, ...events].map((item) => `${group} / ${item}`));
}
