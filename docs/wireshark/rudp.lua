-- Wireshark dissector for rudp, version 1 (docs/spec/rudp.md). What is inside of DATA packets is encrypted and stays so.
--
-- Use it:  wireshark -X lua_script:docs/wireshark/rudp.lua        (or copy it into the folder for personal Lua plugins)
--          tshark -X lua_script:docs/wireshark/rudp.lua -i lo -f "udp port 8255"
-- Filters begin with "prudp" (Wireshark calls another, older protocol "rudp"): prudp.type == 2, prudp.packet_number > 9.
-- Handshakes are recognised whatever their port, and DATA packets by the ids that a handshake has shown before. In a capture that begins
-- later choose "Decode As" for the port, or -d udp.port==8255,prudp.

-- The test packages/rudp/test/wireshark.test.ts holds these constants against the code.
local TYPE_SYN = 0x01
local TYPE_SYN_ACK = 0x02
local TYPE_REJECT = 0x03
local TYPE_COOKIE = 0x04
local TYPE_STATELESS_RESET = 0x05
local TYPE_DATA = 0x40
local DATA_KEY_PHASE = 0x01
local DATA_NUMBER_BYTES = 0x06
local DATA_WHOLE_ID = 0x08
local COMMON_HEADER_BYTES = 11
local CONNECTION_ID_BYTES = 8
local SHORT_ID_BYTES = 4
local TAG_BYTES = 16
local SYN_BYTES = 1200
local PUBLIC_KEY_BYTES = 32
local PROOF_BYTES = 16
local RESET_TOKEN_BYTES = 16
local PARAMETER_IDLE_TIMEOUT = 1
local PARAMETER_INITIAL_MAX_DATA = 2
local PARAMETER_ACK_DELAY_MAX = 3
local PARAMETER_DATAGRAM_BYTES_MAX = 4
local PARAMETER_CIPHER_SUITES = 5
local PARAMETER_COOKIE = 6
local PARAMETER_RESET_TOKEN = 7
local PARAMETER_VERSIONS = 8
local PARAMETER_SERVER_IDENTITY = 9
local CIPHER_AES_128_GCM = 1
local CIPHER_CHACHA20_POLY1305 = 2
local REJECT_VERSION_UNSUPPORTED = 1
local REJECT_KEY_REFUSED = 2
local REJECT_HANDSHAKE_FAILED = 3
local REJECT_VERSION_DOWNGRADED = 4

local typeNames = {
  [TYPE_SYN] = "SYN",
  [TYPE_SYN_ACK] = "SYN-ACK",
  [TYPE_REJECT] = "REJECT",
  [TYPE_COOKIE] = "COOKIE",
  [TYPE_STATELESS_RESET] = "STATELESS-RESET",
  [TYPE_DATA] = "DATA",
}
-- The types of all DATA packets.
for bits = 1, 15 do
  typeNames[TYPE_DATA + bits] = typeNames[TYPE_DATA]
end
local parameterNames = {
  [PARAMETER_IDLE_TIMEOUT] = "idle timeout (ms)",
  [PARAMETER_INITIAL_MAX_DATA] = "initial grant (bytes)",
  [PARAMETER_ACK_DELAY_MAX] = "largest acknowledgement delay (ms)",
  [PARAMETER_DATAGRAM_BYTES_MAX] = "largest UDP payload (bytes)",
  [PARAMETER_CIPHER_SUITES] = "ciphers",
  [PARAMETER_COOKIE] = "cookie",
  [PARAMETER_RESET_TOKEN] = "reset token, masked",
  [PARAMETER_VERSIONS] = "versions",
  [PARAMETER_SERVER_IDENTITY] = "server identity and signature, masked",
}
local cipherNames = {
  [CIPHER_AES_128_GCM] = "AES-128-GCM",
  [CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
}
local rejectNames = {
  [REJECT_VERSION_UNSUPPORTED] = "version unsupported",
  [REJECT_KEY_REFUSED] = "key refused",
  [REJECT_HANDSHAKE_FAILED] = "handshake failed",
  [REJECT_VERSION_DOWNGRADED] = "version downgraded",
}

local rudp = Proto("prudp", "Reliable UDP with selective repeat")
local f = {
  type = ProtoField.uint8("prudp.type", "Type", base.HEX, typeNames),
  length = ProtoField.uint16("prudp.length", "Length"),
  destination = ProtoField.bytes("prudp.destination", "Destination connection id"),
  version = ProtoField.uint32("prudp.version", "Version"),
  source = ProtoField.bytes("prudp.source", "Source connection id"),
  publicKey = ProtoField.bytes("prudp.public_key", "Public key (X25519)"),
  identity = ProtoField.bytes("prudp.identity", "Identity of the pre-shared key"),
  parameterId = ProtoField.uint64("prudp.parameter.id", "Id"),
  parameterInteger = ProtoField.uint64("prudp.parameter.integer", "Value"),
  parameterBytes = ProtoField.bytes("prudp.parameter.bytes", "Value"),
  cipher = ProtoField.uint8("prudp.cipher", "Cipher", base.DEC, cipherNames),
  padding = ProtoField.bytes("prudp.padding", "Padding"),
  binder = ProtoField.bytes("prudp.binder", "Binder"),
  confirmation = ProtoField.bytes("prudp.confirmation", "Confirmation"),
  rejectCode = ProtoField.uint16("prudp.reject_code", "Code", base.DEC, rejectNames),
  cookie = ProtoField.bytes("prudp.cookie", "Cookie"),
  digest = ProtoField.bytes("prudp.digest", "Digest"),
  resetToken = ProtoField.bytes("prudp.reset_token", "Reset token"),
  keyPhase = ProtoField.uint8("prudp.key_phase", "Key phase"),
  packetNumber = ProtoField.uint32("prudp.packet_number", "Packet number (low bytes)"),
  frames = ProtoField.bytes("prudp.frames", "Encrypted frames"),
  tag = ProtoField.bytes("prudp.tag", "Tag"),
}
rudp.fields = f

local malformed = ProtoExpert.new("prudp.malformed", "Malformed packet", expert.group.MALFORMED, expert.severity.ERROR)
rudp.experts = { malformed }

-- RFC 9000 §16: the value and the bytes that it takes; nil when they are not all there.
local function varintAt(buffer, offset)
  if offset >= buffer:len() then return nil end
  local size = 2 ^ bit.rshift(buffer(offset, 1):uint(), 6)
  if offset + size > buffer:len() then return nil end
  local value = bit.band(buffer(offset, 1):uint(), 0x3f)
  for index = 1, size - 1 do
    value = value * 256 + buffer(offset + index, 1):uint()
  end
  return value, size
end

local function addParameter(tree, buffer, id, idSize, at, size)
  local name = parameterNames[id] or "unknown"
  local value = buffer(at, size)
  local node = tree:add(buffer(at - idSize, idSize + size), "Parameter: " .. name)
  node:add(f.parameterId, buffer(at - idSize, 1), UInt64(id))
  if id == PARAMETER_CIPHER_SUITES then
    for index = 0, size - 1 do
      node:add(f.cipher, value(index, 1))
    end
  elseif id == PARAMETER_VERSIONS then
    for index = 0, math.floor(size / 4) - 1 do
      node:add(f.version, value(4 * index, 4))
    end
  elseif id >= PARAMETER_IDLE_TIMEOUT and id <= PARAMETER_DATAGRAM_BYTES_MAX then
    local integer = varintAt(value, 0)
    if integer == nil then return false end
    node:add(f.parameterInteger, value, UInt64(integer % 2 ^ 32, math.floor(integer / 2 ^ 32)))
    node:append_text(": " .. string.format("%.0f", integer))
  elseif size > 0 then
    node:add(f.parameterBytes, value)
  end
  return true
end

-- The block of parameters at `offset`; returns the offset behind it, nil when it is cut short.
local function addParameters(tree, buffer, offset)
  if offset + 2 > buffer:len() then return nil end
  local limit = offset + 2 + buffer(offset, 2):uint()
  if limit > buffer:len() then return nil end
  local at = offset + 2
  while at < limit do
    local id, idSize = varintAt(buffer, at)
    if id == nil then return nil end
    local size, sizeSize = varintAt(buffer, at + idSize)
    if size == nil or at + idSize + sizeSize + size > limit then return nil end
    if not addParameter(tree, buffer, id, idSize + sizeSize, at + idSize + sizeSize, size) then return nil end
    at = at + idSize + sizeSize + size
  end
  return limit
end

-- Version, source and public key, in which SYN and SYN-ACK agree; returns the offset behind them.
local function addGreeting(tree, packet)
  local at = COMMON_HEADER_BYTES
  if at + 4 + CONNECTION_ID_BYTES + PUBLIC_KEY_BYTES > packet:len() then return nil end
  tree:add(f.version, packet(at, 4))
  tree:add(f.source, packet(at + 4, CONNECTION_ID_BYTES))
  tree:add(f.publicKey, packet(at + 4 + CONNECTION_ID_BYTES, PUBLIC_KEY_BYTES))
  return at + 4 + CONNECTION_ID_BYTES + PUBLIC_KEY_BYTES
end

local function dissectSyn(tree, packet)
  local at = addGreeting(tree, packet)
  if at == nil or packet:len() ~= SYN_BYTES then return false end
  local identityBytes = packet(at, 1):uint()
  if identityBytes > 0 then tree:add(f.identity, packet(at + 1, identityBytes)) end
  at = addParameters(tree, packet, at + 1 + identityBytes)
  if at == nil or at > SYN_BYTES - PROOF_BYTES then return false end
  if at < SYN_BYTES - PROOF_BYTES then tree:add(f.padding, packet(at, SYN_BYTES - PROOF_BYTES - at)) end
  tree:add(f.binder, packet(SYN_BYTES - PROOF_BYTES, PROOF_BYTES))
  return true
end

local function dissectSynAck(tree, packet)
  local at = addGreeting(tree, packet)
  if at ~= nil then at = addParameters(tree, packet, at) end
  if at == nil or at + PROOF_BYTES > packet:len() then return false end
  tree:add(f.confirmation, packet(at, PROOF_BYTES))
  return true
end

local function dissectReject(tree, packet)
  local at = COMMON_HEADER_BYTES
  if packet:len() < at + 3 + PROOF_BYTES then return false end
  local versions = packet(at + 2, 1):uint()
  if packet:len() < at + 3 + 4 * versions + PROOF_BYTES then return false end
  tree:add(f.rejectCode, packet(at, 2))
  for index = 0, versions - 1 do
    tree:add(f.version, packet(at + 3 + 4 * index, 4))
  end
  tree:add(f.digest, packet(at + 3 + 4 * versions, PROOF_BYTES))
  return true
end

local function dissectCookie(tree, packet)
  local at = COMMON_HEADER_BYTES
  if packet:len() < at + 5 then return false end
  local cookieBytes = packet(at + 4, 1):uint()
  if packet:len() < at + 5 + cookieBytes + PROOF_BYTES then return false end
  tree:add(f.version, packet(at, 4))
  if cookieBytes > 0 then tree:add(f.cookie, packet(at + 5, cookieBytes)) end
  tree:add(f.digest, packet(at + 5 + cookieBytes, PROOF_BYTES))
  return true
end

local function dissectStatelessReset(tree, packet)
  if packet:len() ~= COMMON_HEADER_BYTES + RESET_TOKEN_BYTES then return false end
  tree:add(f.resetToken, packet(COMMON_HEADER_BYTES, RESET_TOKEN_BYTES))
  return true
end

local function isData(kind)
  return bit.band(kind, 0xf0) == TYPE_DATA
end

-- Bytes of the id and of the packet number in a DATA packet of this type.
local function dataSizes(kind)
  local idBytes = bit.band(kind, DATA_WHOLE_ID) ~= 0 and CONNECTION_ID_BYTES or SHORT_ID_BYTES
  return idBytes, bit.rshift(bit.band(kind, DATA_NUMBER_BYTES), 1) + 1
end

-- The range of the packet number; nil when the packet is too short for a header and a tag.
local function packetNumberOf(packet)
  local idBytes, numberBytes = dataSizes(packet(0, 1):uint())
  if packet:len() < 1 + idBytes + numberBytes + TAG_BYTES then return nil end
  return packet(1 + idBytes, numberBytes)
end

local function dissectData(tree, packet)
  local number = packetNumberOf(packet)
  if number == nil then return false end
  local idBytes, numberBytes = dataSizes(packet(0, 1):uint())
  local headerBytes = 1 + idBytes + numberBytes
  local frameBytes = packet:len() - headerBytes - TAG_BYTES
  tree:add(f.keyPhase, packet(0, 1), bit.band(packet(0, 1):uint(), DATA_KEY_PHASE))
  tree:add(f.destination, packet(1, idBytes))
  tree:add(f.packetNumber, number)
  if frameBytes > 0 then tree:add(f.frames, packet(headerBytes, frameBytes)) end
  tree:add(f.tag, packet(packet:len() - TAG_BYTES, TAG_BYTES))
  return true
end

local dissectors = {
  [TYPE_SYN] = dissectSyn,
  [TYPE_SYN_ACK] = dissectSynAck,
  [TYPE_REJECT] = dissectReject,
  [TYPE_COOKIE] = dissectCookie,
  [TYPE_STATELESS_RESET] = dissectStatelessReset,
  [TYPE_DATA] = dissectData,
}

local function summaryOf(packet, kind)
  local number = isData(kind) and packetNumberOf(packet) or nil
  return typeNames[kind] .. (number ~= nil and " " .. number:uint() or "")
end

-- The beginnings of the ids that handshakes have shown: by them DATA packets are recognised.
local knownIds = {}

function rudp.init()
  knownIds = {}
end

local function idAt(buffer, offset)
  return tostring(buffer(offset, SHORT_ID_BYTES):bytes())
end

-- True when a packet begins here that is as long as what it came in, or that is for a known id.
local function isPacket(buffer)
  if buffer:len() < 1 + SHORT_ID_BYTES then return false end
  local kind = buffer(0, 1):uint()
  if typeNames[kind] == nil then return false end
  if isData(kind) then return knownIds[idAt(buffer, 1)] == true end
  return buffer:len() >= COMMON_HEADER_BYTES and buffer(1, 2):uint() == buffer:len()
end

local function noteIds(buffer)
  local kind = buffer(0, 1):uint()
  local source = COMMON_HEADER_BYTES + 4
  if (kind == TYPE_SYN or kind == TYPE_SYN_ACK) and buffer:len() >= source + CONNECTION_ID_BYTES then
    knownIds[idAt(buffer, source)] = true
  end
end

function rudp.dissector(buffer, info, tree)
  local root = tree:add(rudp, buffer())
  info.cols.protocol = "RUDP"
  local kind = buffer:len() > 0 and buffer(0, 1):uint() or 0
  if typeNames[kind] == nil then
    root:add_proto_expert_info(malformed)
    return buffer:len()
  end
  local packet = buffer():tvb()
  noteIds(packet)
  local node = root:add(packet(), summaryOf(packet, kind) .. ", " .. packet:len() .. " bytes")
  node:add(f.type, packet(0, 1))
  local isWhole = true
  if not isData(kind) then
    isWhole = packet:len() >= COMMON_HEADER_BYTES and packet(1, 2):uint() == packet:len()
    if packet:len() >= COMMON_HEADER_BYTES then
      node:add(f.length, packet(1, 2))
      node:add(f.destination, packet(3, CONNECTION_ID_BYTES))
    end
  end
  local dissect = dissectors[isData(kind) and TYPE_DATA or kind]
  if not isWhole or not dissect(node, packet) then node:add_proto_expert_info(malformed) end
  info.cols.info = summaryOf(packet, kind)
  return buffer:len()
end

local function recognise(buffer, info, tree)
  if not isPacket(buffer) then return false end
  rudp.dissector(buffer, info, tree)
  return true
end

rudp:register_heuristic("udp", recognise)
-- For "Decode As": damaged datagrams are not recognised by themselves.
DissectorTable.get("udp.port"):add_for_decode_as(rudp)
