// What kind of file system a path is on.
#include <errno.h>
#include <sys/vfs.h>

#include "stockpot.h"

int sp_is_network_file_system(const int8_t* path) {
    struct statfs status;
    if (statfs((const char*)path, &status) != 0) return -errno;
    // Numbers rather than linux/magic.h, which lacks half of them.
    switch ((uint32_t)status.f_type) {
        case 0x00006969:  // NFS
        case 0x0000517B:  // SMB
        case 0xFE534D42:  // SMB2, SMB3
        case 0xFF534D42:  // CIFS
        case 0x65735546:  // FUSE
        case 0x01021997:  // 9p
        case 0x0BD00BD0:  // Lustre
        case 0x00C36400:  // Ceph
        case 0x47504653:  // GPFS
        case 0x19830326:  // BeeGFS
        case 0x01161970:  // GFS2
        case 0x7461636F:  // OCFS2
        case 0x5346414F:  // AFS
        case 0x73757245:  // Coda
        case 0x786F4256:  // VirtualBox shared folders
        case 0xBACBACBC:  // VMware shared folders
            return 1;
        default:
            return 0;
    }
}
