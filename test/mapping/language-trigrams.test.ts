import { describe, expect, test } from "vitest";
import { guessLanguage } from "../../src/mapping/functions/language.ts";

/** After the Universal Declaration of Human Rights, article 1; where a list of words exists, without those words. */
const sentences: [language: string, sentence: string][] = [
  ["en", "Universal freedom belongs equally among human beings everywhere born"],
  ["es", "Todos seres humanos nacen libres iguales dignidad derechos dotados razón conciencia"],
  ["pt", "Todos seres humanos nascem livres iguais dignidade direitos dotados razão consciência"],
  ["fr", "Tous êtres humains naissent libres égaux dignité droits doués raison conscience"],
  ["de", "Alle Menschen frei gleich Würde Rechten geboren Vernunft Gewissen begabt Brüderlichkeit begegnen"],
  ["it", "Tutti esseri umani nascono liberi eguali dignità diritti dotati ragione coscienza"],
  ["nl", "Alle mensen worden vrij gelijk waardigheid rechten geboren begiftigd verstand geweten behoren"],
  ["sw", "Watu wote wamezaliwa huru hadhi haki zao sawa wamejaliwa akili dhamiri hivyo yapasa watendeane"],
  ["id", "Semua orang dilahirkan merdeka mempunyai martabat hak-hak sama dikaruniai akal budi"],
  ["ms", "Semua manusia dilahirkan bebas samarata dari segi kemuliaan dan hak-hak mempunyai pemikiran"],
  ["tr", "Bütün insanlar hür haysiyet haklar bakımından eşit doğarlar akıl vicdana sahiptirler"],
  ["pl", "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw"],
  ["vi", "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi"],
  ["ro", "Toate fiinţele umane se nasc libere şi egale în demnitate şi în drepturi"],
  ["hu", "Minden emberi lény szabadon születik és egyenlő méltósága és joga van"],
  ["cs", "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv"],
  ["sv", "Alla människor är födda fria och lika i värde och rättigheter"],
  ["ha", "Su dai yan-adam ana haifuwarsu ne duka yantattu kuma kowannensu na da mutunci da hakkoki"],
  ["yo", "Gbogbo ènìyàn ni a bí ní òmìnira; iyì àti ẹ̀tọ́ kọ̀ọ̀kan sì dọ́gba. Wọ́n ní ẹ̀bùn ti làákàyè"],
  ["ig", "A mụrụ mmadụ nile n'ohere nha anya ugwu na ikike ha. E nyere ha uche na mmuo"],
  ["zu", "Bonke abantu bazalwa bekhululekile belingana ngesithunzi nangamalungelo. Bahlanganiswe"],
  ["so", "Aadanaha dhammaantiis wuxuu dhashaa isagoo xor ah kana siman xagga sharafta iyo xuquuqada"],
  ["tl", "Ang lahat ng tao'y isinilang na malaya at pantay-pantay sa karangalan at mga karapatan"],
  ["jv", "Saben uwong kalairake kanthi mardika lan darbe martabat lan hak-hak kang pada"],
  [
    "su",
    "Sakumna jalma gubrag ka alam dunya teh sifatna merdika jeung boga martabat katut hak-hak anu sarua",
  ],
  ["hr", "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima, obdarena sviješću"],
  ["bs", "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima, obdarena sviješću"],
  ["rw", "Abantu bose bavuka aribo kandi bareshya mu cyubahiro no mu uburenganzira"],
  ["ny", "Anthu onse amabadwa aufulu ndi ofanana mu ulemu ndi ufulu wawo. Iwo ali ndi maganizo"],
  ["ln", "Bato nyonso na mbotama bazali nzomi pe bakokani na limemya pe makoki. Bazali na mayele"],
  ["uz", "Barcha odamlar erkin, qadr-qimmat va huquqlarda teng bo'lib tug'iladilar. Ular aql va vijdon"],
  [
    "az",
    "Bütün insanlar ləyaqət və hüquqlarına görə azad və bərabər doğulurlar. Onların şüurları və vicdanları",
  ],
  ["ru", "все люди рождаются свободными и равными в достоинстве и правах".replaceAll("ы", "и")],
  ["uk", "людина має право на свободу думки та слова й особисту недоторканн".replaceAll("є", "е")],
  ["be", "кожны чалавек мае права на свабоду думкі і слова".replaceAll("і", "и").replaceAll("ы", "и")],
  ["bg", "Всички хора се раждат свободни и равни по достойнство и права"],
  ["sr", "сва људска бића рађају се слободна и једнака у достојанству".replaceAll(/[љђј]/g, "а")],
  ["kk", "Барлық адамдар тумысынан азат және қадір-қасиеті мен кұқықтары тең болып дүниеге келеді"],
  ["fa", "تمام افراد بشر آزاد زاده می‌شوند و از لحاظ حیثیت و کرامت و حقوق با هم برابرند"],
  ["ur", "تمام انسان آزاد اور حقوق و عزت کی بنا پر برابر پیدا ہوتی رہی".replaceAll(/[ہ]/g, "")],
  [
    "ar",
    "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا".replaceAll(
      /[ةكيىأإؤئ]|ال/g,
      "ن",
    ),
  ],
];

describe("where a language is looked for, its trigrams tell it", () => {
  test.each(sentences)("%s in %s", (language, sentence) => {
    expect(guessLanguage(sentence, [language])).toBe(language);
    expect(guessLanguage(sentence, ["xx"])).toBeUndefined();
  });
});

describe("without that, the right one of all languages comes out", () => {
  const clear = new Set("en es pt fr de it nl sw id tr vi ro sv ha yo ig zu so su rw ln bg kk fa".split(" "));
  test.each(sentences.filter(([language]) => clear.has(language)))("%s: %s", (language, sentence) => {
    expect(guessLanguage(sentence)).toBe(language);
  });
});

describe("Cyrillic letters that Russian, Ukrainian and Serbian lack leave the language to trigrams", () => {
  test.each([
    ["Kazakh, which has і and ы too", "Су жоқ, көшеде қараңғы, кіріңіз"],
    ["Kyrgyz", "Суу жок, көчөдө караңгы"],
    ["Mongolian, which has э and ы too", "Ус байхгүй, энэ гудамжны өмнө"],
    ["Macedonian, which has љ and ј too", "Нема вода, ѓубре, љубезно, јас"],
    ["Tajik", "Дар кӯчаи мо об нест, ҳоло"],
  ])("%s", (_language, text) => {
    expect(guessLanguage(text)).toBeUndefined();
  });
});

test("nothing comes out where two languages are near each other, or trigrams have too few letters", () => {
  const text = "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima";
  expect(guessLanguage(text, ["hr", "bs"])).toBeUndefined();
  const zulu = "Bonke abantu bazalwa bekhululekile belingana";
  const exact = [...zulu].filter((letter) => letter !== " ").length;
  expect(exact).toBe(40);
  expect(guessLanguage(zulu, ["zu"])).toBe("zu");
  expect(guessLanguage(zulu.slice(0, -1), ["zu"])).toBeUndefined();
});
