/** Names of emoji as most chats have them, each before its sign. */
const TABLE = `
smile 😄 smiley 😃 grin 😁 grinning 😀 laughing 😆 sweat_smile 😅 joy 😂 rofl 🤣 slightly_smiling_face 🙂 upside_down_face 🙃
wink 😉 blush 😊 innocent 😇 heart_eyes 😍 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪 thinking 🤔 zipper_mouth_face 🤐
raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒 roll_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleepy 😪
sleeping 😴 mask 😷 sick 🤒 nauseated_face 🤢 sneezing_face 🤧 hot_face 🥵 cold_face 🥶 dizzy_face 😵 exploding_head 🤯 cowboy 🤠
partying_face 🥳 sunglasses 😎 nerd_face 🤓 confused 😕 worried 😟 frowning 😦 open_mouth 😮 hushed 😯 astonished 😲 flushed 😳
pleading_face 🥺 cry 😢 sob 😭 scream 😱 disappointed 😞 sweat 😓 weary 😩 tired_face 😫 yawning_face 🥱 triumph 😤 rage 😡 angry 😠
skull 💀 poop 💩 clown 🤡 ghost 👻 alien 👽 robot 🤖 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊 heart ❤️ orange_heart 🧡
yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔 two_hearts 💕 sparkling_heart 💖 boom 💥
zzz 💤 wave 👋 ok_hand 👌 pinched_fingers 🤌 v ✌️ crossed_fingers 🤞 metal 🤘 call_me_hand 🤙 point_left 👈 point_right 👉 point_up 👆
point_down 👇 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ punch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏
writing_hand ✍️ muscle 💪 eyes 👀 brain 🧠 shrug 🤷 facepalm 🤦 raising_hand 🙋 bow 🙇 runner 🏃 dancer 💃 family 👪 dog 🐶 cat 🐱
mouse 🐭 fox 🦊 bear 🐻 panda 🐼 tiger 🐯 cow 🐮 pig 🐷 frog 🐸 monkey 🐒 chicken 🐔 penguin 🐧 bird 🐦 duck 🦆 owl 🦉 bee 🐝 bug 🐛
butterfly 🦋 snail 🐌 turtle 🐢 snake 🐍 octopus 🐙 whale 🐳 dolphin 🐬 shark 🦈 elephant 🐘 unicorn 🦄 bouquet 💐 rose 🌹 sunflower 🌻
seedling 🌱 evergreen_tree 🌲 cactus 🌵 four_leaf_clover 🍀 mushroom 🍄 sun ☀️ moon 🌙 star ⭐ star2 🌟 sparkles ✨ zap ⚡ fire 🔥
rainbow 🌈 cloud ☁️ umbrella ☔ snowflake ❄️ snowman ⛄ ocean 🌊 apple 🍎 banana 🍌 lemon 🍋 watermelon 🍉 strawberry 🍓 cherries 🍒
avocado 🥑 tomato 🍅 hot_pepper 🌶️ bread 🍞 cheese 🧀 egg 🥚 hamburger 🍔 fries 🍟 pizza 🍕 taco 🌮 sushi 🍣 ramen 🍜 cookie 🍪
birthday 🎂 cake 🍰 chocolate_bar 🍫 coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾 soccer ⚽ basketball 🏀 trophy 🏆
medal 🏅 dart 🎯 video_game 🎮 game_die 🎲 art 🎨 musical_note 🎵 guitar 🎸 headphones 🎧 movie_camera 🎥 car 🚗 bus 🚌 train 🚆
bike 🚲 airplane ✈️ rocket 🚀 ship 🚢 anchor ⚓ construction 🚧 house 🏠 office 🏢 hospital 🏥 school 🏫 tent ⛺ earth 🌍 watch ⌚
phone 📱 computer 💻 keyboard ⌨️ printer 🖨️ floppy_disk 💾 cd 💿 camera 📷 bulb 💡 flashlight 🔦 book 📖 books 📚 newspaper 📰 money 💰
envelope ✉️ email 📧 package 📦 mailbox 📫 pencil ✏️ memo 📝 briefcase 💼 folder 📁 calendar 📅 chart 📈 clipboard 📋 pushpin 📌
paperclip 📎 scissors ✂️ lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ link 🔗 magnet 🧲 microscope 🔬 telescope 🔭 satellite 📡
syringe 💉 pill 💊 door 🚪 bed 🛏️ toilet 🚽 shower 🚿 gift 🎁 balloon 🎈 tada 🎉 confetti_ball 🎊 bell 🔔 no_bell 🔕 speaker 🔊
mute 🔇 hourglass ⌛ alarm_clock ⏰ warning ⚠️ no_entry ⛔ stop 🛑 recycle ♻️ check ✅ white_check_mark ✅ x ❌ question ❓ exclamation ❗
100 💯 new 🆕 ok 🆗 sos 🆘 up ⬆️ down ⬇️ left ⬅️ right ➡️ arrows_counterclockwise 🔄 checkered_flag 🏁 rainbow_flag 🏳️‍🌈 pirate_flag 🏴‍☠️
`;

const EMOJI = new Map<string, string>();
const parts = TABLE.trim().split(/\s+/);
for (let index = 0; index + 1 < parts.length; index += 2)
  EMOJI.set(parts[index] ?? '', parts[index + 1] ?? '');

/** All names, each with the colon at its end that tells it from those that go on. */
export function emojiNames(): readonly string[] {
  return Array.from(EMOJI.keys(), (name) => `${name}:`);
}

/** The sign of a name, with or without a colon at its end. */
export function emojiOf(name: string): string | undefined {
  return EMOJI.get(name.replace(/:$/, ''));
}
