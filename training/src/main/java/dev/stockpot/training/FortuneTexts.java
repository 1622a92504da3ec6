package dev.stockpot.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Debian's fortunes: one class per collection, texts separated by lines of one percent sign. The first classes are for
 * pre-training only; the last eight are the task.
 *
 * @param pretraining texts of all classes
 * @param fineTuning texts of the task, with its labels; so are the two others
 * @param heldOut texts that soups are chosen by
 * @param test texts that nothing is chosen by
 */
record FortuneTexts(Texts pretraining, Texts fineTuning, Texts heldOut, Texts test) {
    static final List<String> OTHERS = List.of(
            "cookie", "miscellaneous", "zippy", "knghtbrd", "platitudes", "art", "wisdom", "linux", "literature");
    static final List<String> TASK =
            List.of("people", "definitions", "computers", "politics", "science", "songs-poems", "work", "men-women");

    private static final int HELD_OUT = 1000;
    private static final int TEST = 1500;
    private static final long SEED = 2022;

    /** A text and the number of its collection. */
    private record Text(String[] words, int label) {}

    /** Reads a folder that holds the collections. */
    static FortuneTexts read(Path collections) throws IOException {
        List<Text> others = new ArrayList<>();
        for (int i = 0; i < OTHERS.size(); i++) {
            others.addAll(texts(collections.resolve(OTHERS.get(i)), i));
        }
        List<Text> task = new ArrayList<>();
        for (int i = 0; i < TASK.size(); i++) {
            task.addAll(texts(collections.resolve(TASK.get(i)), OTHERS.size() + i));
        }
        List<Text> shuffled = new ArrayList<>();
        for (int i : Order.shuffled(task.size(), new Random(SEED))) {
            shuffled.add(task.get(i));
        }
        List<Text> learned = shuffled.subList(HELD_OUT + TEST, shuffled.size());
        List<Text> both = new ArrayList<>(others);
        both.addAll(learned);
        Map<String, Integer> vocabulary = vocabulary(both);
        int offset = OTHERS.size();
        Texts all = numbered(shuffled, vocabulary);
        return new FortuneTexts(
                numbered(both, vocabulary),
                all.range(HELD_OUT + TEST, all.size(), offset),
                all.range(0, HELD_OUT, offset),
                all.range(HELD_OUT, HELD_OUT + TEST, offset));
    }

    private static List<Text> texts(Path file, int label) throws IOException {
        String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        List<Text> texts = new ArrayList<>();
        for (String text : all.split("\n%\n")) {
            String plain = text.replaceAll("[^a-z']+", " ").strip();
            if (!plain.isEmpty()) {
                texts.add(new Text(plain.split(" "), label));
            }
        }
        return texts;
    }

    /** The most frequent words of the texts to learn from, numbered from 2. */
    private static Map<String, Integer> vocabulary(List<Text> texts) {
        Map<String, Integer> counts = new TreeMap<>();
        texts.forEach(text -> {
            for (String word : text.words()) {
                counts.merge(word, 1, Integer::sum);
            }
        });
        List<String> frequent = counts.keySet().stream()
                .sorted(Comparator.<String>comparingInt(counts::get).reversed())
                .limit(TextNetwork.WORDS - 2L)
                .toList();
        Map<String, Integer> numbers = new TreeMap<>();
        frequent.forEach(word -> numbers.put(word, numbers.size() + 2));
        return numbers;
    }

    private static Texts numbered(List<Text> texts, Map<String, Integer> vocabulary) {
        int[][] words = new int[texts.size()][Texts.LENGTH];
        int[] labels = new int[texts.size()];
        for (int i = 0; i < words.length; i++) {
            String[] text = texts.get(i).words();
            for (int j = 0; j < Math.min(text.length, Texts.LENGTH); j++) {
                words[i][j] = vocabulary.getOrDefault(text[j], Texts.UNKNOWN);
            }
            labels[i] = texts.get(i).label();
        }
        return new Texts(words, labels, OTHERS.size() + TASK.size());
    }
}
