# Packages for distributions, built from a copy of the tree. Included by the Makefile.

override DEB      = $(abspath $(B))/deb
override DEB_TREE = $(DEB)/sendoff-$(VERSION)

# What is no part of the source: what git has for itself, and what was built.
PACKAGE_COPY = tar -c --exclude=./.git --exclude=./build --exclude='$(patsubst \
    $(CURDIR)/%,./%,$(abspath $(B)))' .

# The source as a tarball: of the same octets wherever and whenever it is made.
override DIST = $(abspath $(B))/dist/sendoff-$(VERSION).tar.gz
RELEASED = $(or $(SOURCE_DATE_EPOCH),$(shell LC_ALL=C date -u +%s -d "$$(sed -n \
    's/^ -- .*>  //p' etc/packages/debian/changelog | head -n 1)"))
.PHONY: dist
dist:
	@mkdir -p $(dir $(DIST))
	@$(PACKAGE_COPY) --format=ustar --sort=name --owner=0 --group=0 --numeric-owner \
	    --mode=u=rwX,go=rX --mtime=@$(RELEASED) \
	    --transform='flags=r;s,^\.,sendoff-$(VERSION),' | gzip -9n >$(DIST).new
	@mv $(DIST).new $(DIST)
	@echo $(DIST)

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
	@echo 'building the package; the words go to $(DEB)/log'
	@cd $(DEB_TREE) && env -u MAKEFLAGS -u MAKEOVERRIDES -u B -u MAKELEVEL \
	    DEB_BUILD_OPTIONS='$(or $(DEB_BUILD_OPTIONS),nocheck)' dpkg-buildpackage -us -uc -b \
	    >$(DEB)/log 2>&1 || { tail -n 30 $(DEB)/log >&2; exit 1; }
	@rm -rf $(abspath $(B))/deb/sendoff-*/
	@echo 'asking lintian'
	@lintian --fail-on error,warning --allow-root $(DEB)/sendoff_*.changes
	@echo $(DEB)/sendoff_*.deb

# The spec, APKBUILD and PKGBUILD of the others: built, installed and removed as far as their tools
# are here. CASES picks some (tests/packages.sh).
.PHONY: packages-check
packages-check: dist $(B)/tools/smarthost
	@tests/tools/deps packages
	@tests/packages.sh $(abspath $(B)) $(VERSION) $(CASES)

# It is installed, used, upgraded and purged in a Debian of its own (tests/deb.sh).
.PHONY: deb-test
deb-test: deb $(B)/tools/smarthost
	tests/deb.sh $(B)
