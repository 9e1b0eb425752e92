# What belongs to the host around the programs: units, accounts, directories, and examples for
# other inits. Included by the Makefile. All paths in these files are @VARIABLES@ of it.

DATADIR        ?= $(PREFIX)/share/sendoff
SYSTEMDDIR     ?= $(PREFIX)/lib/systemd/system
SYSTEMDUSERDIR ?= $(PREFIX)/lib/systemd/user
TMPFILESDIR    ?= $(PREFIX)/lib/tmpfiles.d
SYSUSERSDIR    ?= $(PREFIX)/lib/sysusers.d
OPENRCDIR      ?= $(SYSCONFDIR)/init.d
CRONDIR        ?= $(SYSCONFDIR)/cron.d
NMDIR          ?= $(SYSCONFDIR)/NetworkManager/dispatcher.d
APPARMORDIR    ?= $(SYSCONFDIR)/apparmor.d

# Folder of etc/, where it goes, and the mode of its files. `make install` puts those in place
# that wait to be switched on; the others would act by themselves, on hosts that may have another
# way already, so they lie in DATADIR until `make install-cron` or the like.
ETC_QUIET = systemd/system:$(SYSTEMDDIR):644 systemd/user:$(SYSTEMDUSERDIR):644 \
            tmpfiles.d:$(TMPFILESDIR):644 sysusers.d:$(SYSUSERSDIR):644
ETC_openrc         = openrc:$(OPENRCDIR):755
ETC_cron           = cron.d:$(CRONDIR):644
ETC_networkmanager = NetworkManager/dispatcher.d:$(NMDIR):755
ETC_apparmor       = apparmor.d:$(APPARMORDIR):644
ETC_KINDS = openrc cron networkmanager apparmor

ETC_FILES = $(patsubst etc/%,%,$(wildcard $(foreach e,$(ETC_QUIET) \
    $(foreach k,$(ETC_KINDS),$(ETC_$(k))),etc/$(firstword $(subst :, ,$(e)))/*)))
ETC_VARIABLES = BINDIR SBINDIR LIBEXECDIR SYSCONFDIR LOCALSTATEDIR RUNSTATEDIR \
                SUBMIT_USER DROP_USER

$(B)/etc/%: etc/% FORCE
	@mkdir -p $(@D)
	@sed $(foreach v,$(ETC_VARIABLES),-e 's|@$(v)@|$($(v))|g') $< >$@

# $(call etc_install,FOLDER,DIRECTORY,MODE)
define etc_install
	install -d $(D)$(2)
	install -m $(3) $(patsubst %,$(B)/etc/%,$(filter $(1)/%,$(ETC_FILES))) $(D)$(2)

endef
define etc_remove
	rm -f $(foreach f,$(filter $(1)/%,$(ETC_FILES)),$(D)$(2)/$(notdir $(f)))

endef
etc_each = $(foreach e,$(2),$(call $(1),$(word 1,$(subst :, ,$(e))),$(word 2,$(subst :, \
    ,$(e))),$(word 3,$(subst :, ,$(e)))))
etc_files = $(patsubst %,$(B)/etc/%,$(ETC_FILES))

# What shells offer at the TAB key, as the program itself says; COMPLETIONS= leaves it out (where
# the program that was built does not run here).
BASHDIR     ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR      ?= $(PREFIX)/share/zsh/site-functions
FISHDIR     ?= $(PREFIX)/share/fish/vendor_completions.d
COMPLETIONS ?= bash:$(BASHDIR)/sendoff zsh:$(ZSHDIR)/_sendoff fish:$(FISHDIR)/sendoff.fish
completion   = $(lastword $(subst :, ,$(1)))

$(B)/completions/%: $(B)/sendoff
	@mkdir -p $(@D)
	@$< completion $* >$@.new && mv $@.new $@

define completion_install
	install -d $(D)$(dir $(call completion,$(1)))
	install -m 644 $(B)/completions/$(firstword $(subst :, ,$(1))) $(D)$(call completion,$(1))

endef

# The example for many hosts (sendoff-fleet(7)), as it is.
FLEET_FILES = $(patsubst etc/examples/%,%,$(shell find etc/examples/fleet -type f))
define fleet_install
	install -d $(D)$(DATADIR)/$(dir $(1))
	install -m 644 etc/examples/$(1) $(D)$(DATADIR)/$(1)

endef

.PHONY: install-etc uninstall-etc
install-etc: $(etc_files) $(foreach c,$(COMPLETIONS),$(B)/completions/$(firstword $(subst :, ,$(c))))
	$(foreach c,$(COMPLETIONS),$(call completion_install,$(c)))
	$(call etc_each,etc_install,$(ETC_QUIET))
	$(foreach f,$(FLEET_FILES),$(call fleet_install,$(f)))
	$(foreach k,$(ETC_KINDS),$(foreach e,$(ETC_$(k)),$(call etc_install,$(word 1,$(subst :, \
	    ,$(e))),$(DATADIR)/$(word 1,$(subst :, ,$(e))),$(word 3,$(subst :, ,$(e))))))

uninstall-etc:
	rm -f $(foreach k,$(ETC_KINDS),$(foreach e,$(ETC_$(k)),$(foreach f,$(filter $(firstword $(subst \
	    :, ,$(e)))/%,$(ETC_FILES)),$(D)$(DATADIR)/$(f))))
	rm -f $(foreach f,$(FLEET_FILES),$(D)$(DATADIR)/$(f))
	-[ ! -d $(D)$(DATADIR) ] || find $(D)$(DATADIR) -depth -type d \
	    -exec rmdir --ignore-fail-on-non-empty {} +
	rm -f $(foreach c,$(COMPLETIONS),$(D)$(call completion,$(c)))
	$(call etc_each,etc_remove,$(ETC_QUIET) $(foreach k,$(ETC_KINDS),$(ETC_$(k))))

define etc_kind
.PHONY: install-$(1)
install-$(1): $$(etc_files)
	$$(call etc_each,etc_install,$$(ETC_$(1)))
endef
$(foreach k,$(ETC_KINDS),$(eval $(call etc_kind,$(k))))
