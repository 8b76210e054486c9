package io.tidemark.nbd.fuzz;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.wire.ClientBytes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What a client says from its first byte to its last, message by message: all options and all commands occur. */
public final class Script {
    /** The export that hostile clients use. */
    public static final ExportName DISK = new ExportName("disk");

    /** Its size. */
    public static final int DISK_BYTES = 1 << 20;

    /** The first messages of {@link #transmission}, at least: its handshake. */
    public static final int HANDSHAKE_MESSAGES = 5;

    private static final List<HeaderStyle> STYLES = List.of(HeaderStyle.values());
    private static final int OPTIONS_MAX = 6;
    private static final int REQUESTS_MAX = 12;
    private static final int PAYLOAD_BYTES_MAX = 20_000;

    private final Random random;
    private final List<byte[]> messages = new ArrayList<>();
    private HeaderStyle style = HeaderStyle.SIMPLE;

    private Script(Random random) {
        this.random = random;
    }

    /** A whole conversation. */
    public static List<byte[]> conversation(Random random) {
        Script script = new Script(random);
        script.haggle();
        script.enter();
        script.ask();
        return script.messages;
    }

    /** A conversation whose handshake says nothing that could be refused: where damage behind it is met in any case. */
    public static List<byte[]> transmission(Random random) {
        Script script = new Script(random);
        script.messages.add(ClientBytes.flags());
        script.say(new Option.ListExports());
        script.agree(STYLES.get(random.nextInt(STYLES.size())));
        script.say(new Option.SetMetaContexts(DISK, List.of(Constants.BASE_ALLOCATION)));
        script.say(new Option.Go(DISK, Set.of()));
        script.ask();
        return script.messages;
    }

    private void haggle() {
        messages.add(random.nextInt(20) == 0 ? new byte[] {0, 0, 0, 1} : ClientBytes.flags());
        for (int i = random.nextInt(OPTIONS_MAX); i > 0; i--) {
            switch (random.nextInt(10)) {
                case 0 -> agree(HeaderStyle.STRUCTURED);
                case 1 -> agree(HeaderStyle.EXTENDED);
                case 2 -> say(new Option.ListExports());
                case 3 -> say(new Option.Info(name(), wanted()));
                case 4 -> say(new Option.ListMetaContexts(name(), queries()));
                case 5, 6 -> say(new Option.SetMetaContexts(name(), queries()));
                case 7 -> say(new Option.StartTls());
                case 8 -> say(new Option.Unknown(12 + random.nextInt(20)));
                default -> {
                    byte[] data = new byte[random.nextInt(200)];
                    random.nextBytes(data);
                    messages.add(ClientBytes.option(random.nextInt(14), data));
                }
            }
        }
    }

    private void enter() {
        switch (random.nextInt(12)) {
            case 0 -> say(new Option.Abort());
            case 1, 2 -> say(new Option.UseExport(name()));
            default -> say(new Option.Go(name(), wanted()));
        }
    }

    private void ask() {
        for (long cookie = random.nextInt(REQUESTS_MAX); cookie > 0; cookie--) {
            int type = random.nextInt(9);
            long length =
                    switch (type) {
                        case Constants.CMD_FLUSH, Constants.CMD_DISC -> 0;
                        case Constants.CMD_WRITE ->
                            1 + random.nextInt(random.nextInt(4) == 0 ? PAYLOAD_BYTES_MAX : 600);
                        default ->
                            random.nextInt(8) == 0
                                    ? Mutation.extreme(random)
                                    : 1 + random.nextInt(random.nextInt(20) == 0 ? DISK_BYTES / 4 : 4096);
                    };
            long offset =
                    switch (type) {
                        case Constants.CMD_FLUSH, Constants.CMD_DISC -> 0;
                        default -> random.nextInt(8) == 0 ? Mutation.extreme(random) : random.nextInt(DISK_BYTES / 2);
                    };
            boolean write = type == Constants.CMD_WRITE;
            Request request = new Request(type, flags(type), cookie, offset, length, write ? length : 0);
            byte[] payload = new byte[write ? (int) length : 0];
            random.nextBytes(payload);
            messages.add(ClientBytes.concat(ClientBytes.request(style, request), payload));
        }
    }

    private int flags(int type) {
        int flags = random.nextInt(4) == 0 ? Constants.CMD_FLAG_FUA : 0;
        if (style == HeaderStyle.EXTENDED && type == Constants.CMD_WRITE) {
            flags |= Constants.CMD_FLAG_PAYLOAD_LEN;
        }
        return random.nextInt(6) == 0 ? flags | 1 << random.nextInt(7) : flags;
    }

    private void agree(HeaderStyle wanted) {
        switch (wanted) {
            case SIMPLE -> {}
            case STRUCTURED -> say(new Option.StructuredReply());
            case EXTENDED -> say(new Option.ExtendedHeaders());
        }
        style = wanted;
    }

    private void say(Option option) {
        messages.add(ClientBytes.option(option));
    }

    private ExportName name() {
        return switch (random.nextInt(8)) {
            case 0 -> new ExportName("");
            case 1 -> new ExportName("nothing of this name");
            case 2 -> new ExportName("x".repeat(random.nextInt(ExportName.BYTES_MAX + 1)));
            default -> DISK;
        };
    }

    private Set<Option.InfoType> wanted() {
        Set<Option.InfoType> wanted = EnumSet.noneOf(Option.InfoType.class);
        for (Option.InfoType type : Option.InfoType.values()) {
            if (random.nextBoolean()) {
                wanted.add(type);
            }
        }
        return wanted;
    }

    private List<String> queries() {
        List<String> queries = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            queries.add(List.of(Constants.BASE_ALLOCATION, Constants.BASE_WILDCARD, "", "qemu:dirty-bitmap:é", "x:y")
                    .get(random.nextInt(5)));
        }
        return queries;
    }
}
