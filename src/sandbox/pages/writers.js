// The people who write in the demo, and what they have to say.

export const writers = [
  {
    key: "+447700900142",
    label: "Ana",
    person: { phone: "+447700900142", name: "Ana Ferreira" },
    opening: "The street light outside 14 Mill Lane has been out since Monday.",
    photo: { file: "street-lamp.jpg", caption: "This one, by the bus stop." },
  },
  {
    key: "+966550001742",
    label: "يوسف",
    person: { phone: "+966550001742", name: "يوسف حداد" },
    opening: "هناك حفرة كبيرة في الطريق أمام المدرسة، والسيارات تتفاداها بصعوبة.",
    photo: { file: "pothole.jpg", caption: "صورة من هذا الصباح" },
  },
  {
    // Somebody with a user name and no phone number to show.
    key: "IN.73120942215508",
    label: "आशा",
    person: { userId: "IN.73120942215508", username: "@asha.verma", name: "आशा वर्मा" },
    opening: "पार्क के पास पानी की पाइप से दो दिन से रिसाव हो रहा है।",
    photo: { file: "leaking-pipe.jpg", caption: "यह देखिए" },
  },
];

export const albumFiles = ["street-lamp.jpg", "pothole.jpg", "fallen-branch.jpg", "leaking-pipe.jpg"];
