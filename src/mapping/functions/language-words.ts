/**
 * Frequent short words of languages in Latin letters. Trigrams (franc) need some fifty letters; a message is often
 * shorter than that, and these words are in nearly every sentence.
 */
const lists: Record<string, string> = {
  en: "the and is are was were my our your with from not for of to in on has have this that there it we you please since when what hello street i can he she his her they which who where why how do does did will would should could be been at by an as or but if no so me us them about after before",
  es: "el la los las un una unas de del que en y es está están mi mis su nuestro con por para no hay se muy desde cuando hola gracias buenos buenas días calle pero yo tú él ella nos le lo qué cómo cuándo dónde tengo tiene puedo puede ha he ser más ya o al sus tu te me mañana ayer hoy antes después",
  pt: "o os as um uma uns de do da dos das que em e é está estão meu minha nossa com por para não há se muito desde quando olá obrigado obrigada bom dia rua na no mas eu ele ela nós lhe quê como onde tenho tem posso pode ao à aos foi ser mais já ou suas seu sua te me amanhã ontem hoje antes depois pela pelo",
  fr: "le la les un une des du de et est sont mon ma mes notre votre dans avec pour pas ne que qui je nous vous il y a depuis quand bonjour merci rue sur j ai ont elle ils elles leur leurs cette ces son sa ses au aux par plus tout comment où quel quels quelle puis peut doit avant après hier demain",
  de: "der die das ein eine einen und ist sind war mein meine unser unsere ihr mit für nicht auf in im dem den von zu seit wann wir ich sie hallo bitte straße es er sich habe hat haben wird werden kann können soll sollen muss keine kein aber oder wie was wo warum nach vor bei aus um an als noch mich mir ihnen gestern heute morgen",
  it: "il lo la gli le un una di del della che in e è sono mio mia nostra con per non si molto da quando ciao grazie buongiorno via nella io lui lei ci ho ha hanno posso può anche come dove quale questo questa ai al dal alla dei delle ieri oggi domani prima dopo",
  nl: "de het een en is zijn was mijn onze uw met voor niet op in van te sinds wanneer wij ik u hallo alstublieft straat er dat hij zij ze heeft heb hebben kan moet maar of hoe wat waar waarom na bij uit aan als nog mij mijnheer gisteren vandaag morgen geen",
  sw: "na ya wa kwa ni za la katika yangu yetu yako haifanyi kazi hakuna maji tangu lini habari asante tafadhali barabara barabarani taa mtaa mbele nyumba sana leo jana kuna nina tuna hii mimi wewe yeye sisi wao si je nini nani wapi gani lakini au kama kwamba ili baada kabla kesho bado pia tu huu hili hiyo hizi zangu wangu lako langu naweza",
  id: "yang di dan ini itu dari ke tidak ada saya kami anda untuk dengan sudah belum sejak kapan halo terima kasih tolong jalan rumah depan rusak mati lampu akan pada apa apakah siapa bagaimana mengapa bisa dapat harus dia mereka kita atau tetapi jika karena oleh secara lebih juga hanya kemarin besok sebelum sesudah kartu anak perlu baru hari",
  tr: "ve bir bu için ile değil var yok çok ne zaman merhaba lütfen sokak sokakta evimin önünde bizim benim beri mi da de ben sen o biz siz onlar nasıl nerede neden ama veya gibi daha sonra önce dün bugün yarın mı mu mü olan olarak",
};

const words = new Map(Object.entries(lists).map(([language, list]) => [language, new Set(list.split(" "))]));

/** Languages with their hits, the best first; a word that two languages share counts for both, one said twice once. */
export function countWords(text: string, among?: ReadonlySet<string>): { language: string; hits: number }[] {
  const said = [...new Set(text.toLowerCase().match(/\p{L}+/gu))];
  return [...words]
    .filter(([language]) => !among || among.has(language))
    .map(([language, known]) => ({ language, hits: said.filter((word) => known.has(word)).length }))
    .sort((a, b) => b.hits - a.hits);
}
