# Packages for distributions, built from a copy of the tree. Included by the Makefile.

override DEB      = $(abspath $(B))/deb
override DEB_TREE = $(DEB)/sendoff-$(VERSION)

# What is no part of the source: what git has for itself, and what was built.
PACKAGE_COPY = tar -c --exclude=./.git --exclude=./build --exclude='$(patsubst \
    $(CURDIR)/%,./%,$(abspath $(B)))' .

# The variables given to this make are not meant for the one within.
.PHONY: deb
deb:
	@tests/tools/deps deb
	@rm -rf $(abspath $(B))/deb
	@mkdir -p $(DEB_TREE)
	@$(PACKAGE_COPY) | tar -x -C $(DEB_TREE)
	@cp -r etc/packages/debian $(DEB_TREE)/debian
	@dpkg-parsechangelog -l $(DEB_TREE)/debian/changelog -S Version | grep -qxF '$(VERSION)' || \
	    { echo 'etc/packages/debian/changelog: not $(VERSION)' >&2; exit 1; }
	cd $(DEB_TREE) && env -u MAKEFLAGS -u MAKEOVERRIDES -u B -u MAKELEVEL \
	    DEB_BUILD_OPTIONS='$(or $(DEB_BUILD_OPTIONS),nocheck)' dpkg-buildpackage -us -uc -b \
	    >$(DEB)/log 2>&1 || { tail -n 30 $(DEB)/log >&2; exit 1; }
	@rm -rf $(abspath $(B))/deb/sendoff-*/
	lintian --fail-on error,warning --allow-root $(DEB)/sendoff_*.changes
	@echo $(DEB)/sendoff_*.deb

# The spec, APKBUILD and PKGBUILD of the others, as far as their tools are here.
.PHONY: packages-check
packages-check:
	tests/packages.sh $(VERSION)

# It is installed, used, upgraded and purged in a Debian of its own (tests/deb.sh).
.PHONY: deb-test
deb-test: deb $(B)/tools/smarthost
	tests/deb.sh $(B)
