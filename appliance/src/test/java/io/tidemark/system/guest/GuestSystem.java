package io.tidemark.system.guest;

import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a guest boots: Debian's cloud kernel, and an initramfs with busybox, the modules of a virtio disk and the tools of
 * ext4, all of this machine.
 */
record GuestSystem(Path kernel, Path initramfs) {

    private static final String KERNEL_PREFIX = "vmlinuz-";
    private static final String KERNEL_SUFFIX = "-cloud-amd64";
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_blk");
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin/mke2fs"), Path.of("/usr/sbin/e2fsck"));
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    /** Makes it in a folder. */
    static GuestSystem make(Path folder) throws IOException {
        Path kernel = newestKernel();
        String version = kernel.getFileName().toString().substring(KERNEL_PREFIX.length());
        Path root = Files.createDirectory(folder.resolve("initramfs"));
        copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        for (Path program : PROGRAMS) {
            copyWithLibraries(program, root);
        }
        copyModules(Path.of("/lib/modules", version), root);
        try (InputStream init = GuestSystem.class.getResourceAsStream("init")) {
            Files.copy(Objects.requireNonNull(init), root.resolve("init"));
        }
        root.resolve("init").toFile().setExecutable(true);
        Path initramfs = folder.resolve("initramfs.gz");
        Tool.run(
                "sh", "-c", "cd " + root + " && find . | cpio --quiet --create --format=newc | gzip -1 > " + initramfs);
        return new GuestSystem(kernel, initramfs);
    }

    private static Path newestKernel() throws IOException {
        try (Stream<Path> found = Files.list(Path.of("/boot"))) {
            return found.filter(path -> path.getFileName().toString().startsWith(KERNEL_PREFIX))
                    .filter(path -> path.getFileName().toString().endsWith(KERNEL_SUFFIX))
                    .max(Comparator.comparing(path -> path.toFile().lastModified()))
                    .orElseThrow(() -> new AssertionError("no cloud kernel in /boot: run 'make test-packages'"));
        }
    }

    private static void copyWithLibraries(Path program, Path root) throws IOException {
        copy(program, inside(root, program));
        Matcher library = LIBRARY.matcher(Tool.run("ldd", program));
        while (library.find()) {
            Path path = Path.of(library.group(1));
            copy(path, inside(root, path));
        }
    }

    /** The modules and, in the order to load them, their names in {@code /modules}. */
    private static void copyModules(Path modules, Path root) throws IOException {
        List<String> dependencies = Files.readAllLines(modules.resolve("modules.dep"));
        Set<String> inOrder = new LinkedHashSet<>();
        for (String module : MODULES) {
            dependencies.stream()
                    .filter(line -> line.matches(".*/" + module + "\\.ko[.a-z]*:.*"))
                    .findFirst()
                    .ifPresent(line -> inOrder.addAll(neededFirst(line)));
        }
        List<String> names = new ArrayList<>();
        for (String module : inOrder) {
            Path path = modules.resolve(module);
            copy(path, inside(root, path));
            names.add(path.toString());
        }
        Files.write(root.resolve("modules"), names);
    }

    /** A line of modules.dep names what a module needs after it, the first needed last. */
    private static List<String> neededFirst(String line) {
        return List.of(line.replaceFirst(":", "").split(" ")).reversed();
    }

    private static Path inside(Path root, Path path) {
        return root.resolve(Path.of("/").relativize(path));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
    }
}
