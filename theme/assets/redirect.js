// Lead to the page's new address with the fragment and query of the old one.
location.replace(document.currentScript.dataset.target + location.search + location.hash);
